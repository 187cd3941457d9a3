import { caseNamed } from '../cases.ts'
import type { Burst, Pairing, Results } from '../measure/measurement.ts'
import type { ServerFigures } from '../server-process.ts'
import { missingMethodSpans } from './method-costs.ts'

export const throughput = ({ load }: Burst): number => load.requestsPerSecond
export const p50 = ({ load }: Burst): number => load.p50
export const p99 = ({ load }: Burst): number => load.p99
export const cpu = ({ cpuMicrosecondsPerRequest }: Burst): number => cpuMicrosecondsPerRequest
/** How much of a core the server used: 1 is all of it. */
export const coreShare = (burst: Burst): number => throughput(burst) * cpu(burst) / 1e6
/** In MB of 10⁶ bytes. */
export const peakMemory = ({ peakMemoryBytes }: ServerFigures): number => peakMemoryBytes / 1e6
export const registerTime = ({ registerMs }: ServerFigures): number => registerMs
export const startTime = ({ startMs }: ServerFigures): number => startMs

/** Spans that had to be at the sink, one for each request, and those that were. */
export interface SpanBalance {
  readonly requests: number
  readonly sent: number
  readonly received: number
}

/**
 * A traced request has one span without a parent, so counting these tells whether each request arrived. Of a sampled case
 * only the plugin knows how many it sent.
 */
export function balanceOf (pairings: readonly Pairing[]): SpanBalance {
  let requests = 0
  let sent = 0
  let received = 0
  for (const { case: name, own: { figures }, arrivals } of pairings) {
    const { spans } = caseNamed(name)
    requests += figures.requests
    received += arrivals.roots
    if (spans === 'all') sent += figures.requests
    else if (spans === 'sampled') sent += (figures.account?.exported ?? 0) + (figures.account?.failed ?? 0)
  }
  return { requests, sent, received }
}

export function bytesPerSpan (pairings: readonly Pairing[]): number | undefined {
  const spans = pairings.reduce((sum, { arrivals }) => sum + arrivals.spans, 0)
  return spans === 0 ? undefined : pairings.reduce((sum, { arrivals }) => sum + arrivals.spanBytes, 0) / spans
}

/** Spans of ours that are missing at the sink, or that arrived without having been sent. */
export function missingOfOurs ({ pairings, spanCosts, methodCosts = [] }: Results): number | undefined {
  const ours = pairings.filter(one => caseNamed(one.case).ours)
  if (ours.length === 0) return undefined
  const missing = ours.map(one => balanceOf([one])).reduce((sum, { sent, received }) => sum + Math.abs(sent - received), 0)
  return missing + spanCosts.reduce((sum, cost) => sum + Math.abs(cost.missing), 0) + missingMethodSpans(methodCosts)
}
