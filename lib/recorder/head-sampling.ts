import { SpanKind, TraceFlags, createContextKey, type Attributes, type Context, type TraceState } from '@opentelemetry/api'
import { REQUEST_SAMPLING_KEY, type RequestSampling } from '../vocabulary/sampling.ts'
import type { SpanIds } from './span-ids.ts'

/** A sampler that only needs a span's ids and its parent's flag, as each that `OTEL_TRACES_SAMPLER` can name. */
export interface HeadSampling {
  /** The share of trace ids to sample, from 0 to 1. */
  readonly ratio: number
  /** Whether a span with a parent is sampled as the parent is. */
  readonly followsParent: boolean
  /** Whether a route's own ratio counts. */
  readonly routesDecide: boolean
}

/** OpenTelemetry's default: samples every trace that its caller did not decide against. */
export const PARENT_BASED_ALWAYS_ON: HeadSampling = Object.freeze({ ratio: 1, followsParent: true, routesDecide: true })

/** A sampler's decision. */
export interface Decision {
  readonly recorded: boolean
  readonly sampled: boolean
  readonly attributes?: Readonly<Attributes> | undefined
  readonly traceState?: TraceState | undefined
}

const SAMPLED: Decision = Object.freeze({ recorded: true, sampled: true })
const RECORDED: Decision = Object.freeze({ recorded: true, sampled: false })
const DROPPED: Decision = Object.freeze({ recorded: false, sampled: false })

const KEY = createContextKey(REQUEST_SAMPLING_KEY)

interface SampledParent {
  readonly traceFlags: number
}

/** Decides about a span without a word of text. */
export function decide (head: HeadSampling, kind: SpanKind | undefined, context: Context, ids: SpanIds, parent: SampledParent | undefined): Decision {
  // Only a server span starts in a context that says something, and a span inside would look it up in vain.
  const sampling = kind === SpanKind.SERVER ? context.getValue(KEY) as RequestSampling | undefined : undefined
  if (sampling === undefined) return isSampled(head.ratio, head.followsParent, ids, parent) ? SAMPLED : DROPPED
  const sampled = sampling.ratio !== undefined && head.routesDecide
    ? isSampled(sampling.ratio, true, ids, parent)
    : isSampled(head.ratio, head.followsParent, ids, parent)
  if (sampled) return SAMPLED
  return sampling.recordUnsampled ? RECORDED : DROPPED
}

function isSampled (ratio: number, followsParent: boolean, ids: SpanIds, parent: SampledParent | undefined): boolean {
  if (followsParent && parent !== undefined) return (parent.traceFlags & TraceFlags.SAMPLED) !== 0
  return isWithinRatio(ids, ratio)
}

/** The rule of the SDK's TraceIdRatioBasedSampler, so that processes with either agree about a trace. */
export function isWithinRatio ({ trace0, trace1, trace2, trace3 }: SpanIds, ratio: number): boolean {
  return ratio === 1 || ((trace0 ^ trace1 ^ trace2 ^ trace3) >>> 0) < Math.floor(ratio * 0xffff_ffff)
}
