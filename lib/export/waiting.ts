import type { OutgoingRequest } from './parcel.ts'
import type { RequestPart } from './split-request.ts'

/** A request that waits in a lane. */
export interface Waiting {
  readonly request: OutgoingRequest
  /** In the order they were offered; parts of a request share it. */
  readonly number: number
  /** It is on the disk too. */
  spooled: boolean
}

/** What waits instead of it: each has its share of the memory that the whole is counted with. */
export function partsOf ({ request, number }: Waiting, [first, second]: readonly [RequestPart, RequestPart]): Waiting[] {
  const firstBytes = Math.floor(request.parcelBytes * first.body.length / (first.body.length + second.body.length))
  return [
    { request: { ...first, parcelBytes: firstBytes }, number, spooled: false },
    { request: { ...second, parcelBytes: request.parcelBytes - firstBytes }, number, spooled: false }
  ]
}
