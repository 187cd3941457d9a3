import type { OutgoingRequest } from './parcel.ts'
import type { SendOutcome } from './retry-policy.ts'

/** Brings requests of one signal to where they are kept. */
export interface Sender {
  /** One attempt. Never rejects. */
  send (request: Pick<OutgoingRequest, 'signal' | 'body'>, abort: AbortSignal): Promise<SendOutcome>
  /** Lets go of connections and files. */
  close (): Promise<void>
}
