import { ROOT_CONTEXT, createContextKey, type Context } from '@opentelemetry/api'
import { LinkedContext } from '../ambient/linked-context.ts'
import { REQUEST_SAMPLING_KEY, type RequestSampling } from '../vocabulary/sampling.ts'

const KEY = createContextKey(REQUEST_SAMPLING_KEY)

/** Tells the sampler what a route asks for: by the context in which its server spans start, and no other span. */
export class RouteSampling {
  readonly #sampling: RequestSampling
  /** Where most requests begin; made once. */
  readonly #atRoot: Context

  constructor (sampling: RequestSampling) {
    this.#sampling = sampling
    this.#atRoot = new LinkedContext(ROOT_CONTEXT, KEY, sampling)
  }

  /** The context to start a server span in, below `parent`. */
  below (parent: Context): Context {
    return parent === ROOT_CONTEXT ? this.#atRoot : new LinkedContext(parent, KEY, this.#sampling)
  }
}

/** Nothing for a route that asks for nothing, which then costs nothing. */
export function routeSampling (ratio: number | undefined, recordUnsampled: boolean): RouteSampling | undefined {
  return ratio === undefined && !recordUnsampled ? undefined : new RouteSampling({ ratio, recordUnsampled })
}
