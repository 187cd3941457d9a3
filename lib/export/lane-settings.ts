import type { SignalStats } from './carrier-stats.ts'
import type { OnProblem } from './carrier.ts'
import type { DeliverySpool } from './delivery-spool.ts'
import type { OutgoingRequest } from './parcel.ts'
import type { SendOutcome } from './retry-policy.ts'

/** What a lane works with. */
export interface LaneSettings {
  /** One attempt; never rejects. */
  send (request: Pick<OutgoingRequest, 'signal' | 'body'>, abort: AbortSignal): Promise<SendOutcome>
  /** Opens the disk, when it is first needed; left out where there is none. */
  readonly openSpool?: (() => Promise<DeliverySpool>) | undefined
  readonly counts: SignalStats
  /** Told what no longer waits in memory, for whatever reason. */
  onRelease (request: OutgoingRequest): void
  /** Given the body of a request that was accepted and that nobody reads any more. */
  onSpent? (body: Uint8Array): void
  /** Told when an attempt is over and counted, also of what waits on the disk alone. */
  onAttempt? (): void
  readonly onProblem: OnProblem
  readonly retry: { readonly firstMs: number, readonly maxMs: number }
  readonly slowAfterMs: number
  /** Bytes that may wait in memory before they are brought to the disk. */
  readonly spillBytes: number
}
