/** Text of the context key below which a request's server span starts; a context key is its text. No child sees it. */
export const REQUEST_SAMPLING_KEY = 'letta-otel request sampling'

/** What the route of a request asks of sampling. */
export interface RequestSampling {
  /** Of the traces that begin with such a request, the share to sample: 0 to 1. Nothing leaves it to the process's sampler. */
  readonly ratio: number | undefined
  /** Whether a request that is not sampled is recorded all the same, because it may turn out to matter. */
  readonly recordUnsampled: boolean
}

/**
 * Marks the span of a request that was not sampled and is to be exported all the same. It is a property of the span, for
 * its engine to find: an attribute could fall to the limit of attributes. The value is what the span would have had from
 * its start; attributes that were set since win.
 */
export const KEPT = Symbol('letta-otel kept span')

/** A span, as far as {@link KEPT} goes. */
export interface Keepable {
  [KEPT]?: Readonly<Record<string, unknown>>
}
