import { SpanKind, createContextKey, type Attributes, type Context, type Link } from '@opentelemetry/api'
import {
  ParentBasedSampler, SamplingDecision, TraceIdRatioBasedSampler, type Sampler, type SamplingResult
} from '@opentelemetry/sdk-trace'
import type { RuntimeOptions } from '../options.ts'
import { REQUEST_SAMPLING_KEY, type RequestSampling } from '../vocabulary/sampling.ts'
import { chooseSampler, routesDecide } from './sampler.ts'

const KEY = createContextKey(REQUEST_SAMPLING_KEY)

/** The sampler of the process, with what routes ask for. */
export function routeSampler (options: RuntimeOptions, warn: (warning: string) => void): Sampler {
  return new RouteSampler(chooseSampler(options, warn), routesDecide(options))
}

/** Has the sampler of the process decide, except about server spans of routes that ask for something else. */
class RouteSampler implements Sampler {
  readonly #sampler: Sampler
  readonly #routesDecide: boolean
  /** As many as there are different ratios in the code. */
  readonly #byRatio = new Map<number, Sampler>()

  constructor (sampler: Sampler, routesDecide: boolean) {
    this.#sampler = sampler
    this.#routesDecide = routesDecide
  }

  shouldSample (context: Context, traceId: string, name: string, kind: SpanKind, attributes: Attributes, links: Link[]): SamplingResult {
    const sampling = kind === SpanKind.SERVER ? context.getValue(KEY) as RequestSampling | undefined : undefined
    const result = this.#samplerOf(sampling).shouldSample(context, traceId, name, kind, attributes, links)
    return sampling?.recordUnsampled === true && result.decision === SamplingDecision.NOT_RECORD
      ? { ...result, decision: SamplingDecision.RECORD }
      : result
  }

  toString (): string {
    return `RouteSampler{${this.#sampler.toString()}}`
  }

  #samplerOf (sampling: RequestSampling | undefined): Sampler {
    if (sampling?.ratio === undefined || !this.#routesDecide) return this.#sampler
    let sampler = this.#byRatio.get(sampling.ratio)
    if (sampler === undefined) {
      sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampling.ratio) })
      this.#byRatio.set(sampling.ratio, sampler)
    }
    return sampler
  }
}
