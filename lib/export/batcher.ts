import { BodyMemory } from './body-memory.ts'
import { composeRequest } from './compose-request.ts'
import { parcelBytes, type Fragment, type OutgoingRequest, type Parcel, type Signal, type WholeRequest } from './parcel.ts'

/** When a request leaves: with the first of these that is reached. */
export interface BatchLimits {
  readonly maxBatchBytes: number
  readonly maxBatchCount: number
  readonly maxBatchAgeMs: number
}

/** Puts fragments of one signal together to requests. */
export class Batcher {
  readonly #signal: Signal
  readonly #resource: Uint8Array
  readonly #limits: BatchLimits
  readonly #onRequest: (request: OutgoingRequest) => void
  readonly #onSpent: (items: Uint8Array) => void
  readonly #bodies: BodyMemory
  #fragments: Fragment[] = []
  /** Items whose memory was given away by others. */
  #given: Uint8Array[] = []
  #bytes = 0
  #count = 0
  #countedBytes = 0
  #timer: NodeJS.Timeout | undefined

  /**
   * @param resource the encoded `Resource` message
   * @param onSpent given the items of fragments that came from others and are in a request now
   */
  constructor (
    signal: Signal, resource: Uint8Array, limits: BatchLimits,
    onRequest: (request: OutgoingRequest) => void, onSpent: (items: Uint8Array) => void = () => {}
  ) {
    this.#signal = signal
    this.#resource = resource
    this.#limits = limits
    this.#onRequest = onRequest
    this.#onSpent = onSpent
    this.#bodies = new BodyMemory(limits.maxBatchBytes + resource.length)
  }

  /** Takes the body of a request that is over: the next one may be written there. */
  reuse (body: Uint8Array): void {
    this.#bodies.put(body)
  }

  /** `source`: the parcel that counts, where the fragment was made here from something else. */
  add (fragment: Fragment, source: Parcel = fragment): void {
    const { maxBatchBytes, maxBatchCount, maxBatchAgeMs } = this.#limits
    if (this.#bytes + fragment.items.length > maxBatchBytes || this.#count + fragment.count > maxBatchCount) this.flush()
    this.#fragments.push(fragment)
    this.#bytes += fragment.items.length
    this.#count += fragment.count
    this.#countedBytes += parcelBytes(source)
    if (source === fragment) this.#given.push(fragment.items)
    if (this.#bytes >= maxBatchBytes || this.#count >= maxBatchCount) this.flush()
    else this.#timer ??= setTimeout(() => { this.flush() }, maxBatchAgeMs).unref()
  }

  /** A whole request leaves by itself, after what came before it. */
  addWhole (parcel: WholeRequest): void {
    this.flush()
    this.#onRequest({ signal: this.#signal, count: parcel.count, body: parcel.request, parcelBytes: parcelBytes(parcel) })
  }

  /** Lets go what there is. */
  flush (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#fragments.length === 0) return
    const request: OutgoingRequest = {
      signal: this.#signal,
      count: this.#count,
      body: composeRequest(this.#resource, this.#fragments, bytes => this.#bodies.take(bytes)),
      parcelBytes: this.#countedBytes
    }
    for (const items of this.#given) this.#onSpent(items)
    this.#fragments = []
    this.#given = []
    this.#bytes = 0
    this.#count = 0
    this.#countedBytes = 0
    this.#onRequest(request)
  }
}
