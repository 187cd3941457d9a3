import { failure, ok, skipped, together, warning, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'
import type { ClockReading } from '../look-at-store.ts'

/** Milliseconds from which times of several machines are told in the wrong order. */
const WARNING_MS = 2_000
/** Milliseconds from which queries for the last minutes miss what is there. */
const FAILURE_MS = 60_000
/** A `Date` header has whole seconds: the clock showed it up to so many milliseconds ago. */
const HEADER_RESOLUTION_MS = 1_000

const ADVICE = 'set the clocks by NTP, here and there'

/** Whether this machine, the endpoint and the store agree about the time. */
export async function checkClockSkew (inspection: Inspection): Promise<Finding> {
  const [probe, store] = await Promise.all([inspection.probe(), inspection.store()])
  const findings: Finding[] = []
  const date = probe?.attempt !== undefined && 'date' in probe.attempt ? Date.parse(probe.attempt.date ?? '') : NaN
  if (probe !== undefined && !Number.isNaN(date)) {
    findings.push(judge('endpoint', { theirs: date + HEADER_RESOLUTION_MS / 2, askedAt: probe.sentAt, answeredAt: probe.answeredAt }, HEADER_RESOLUTION_MS / 2))
  }
  if (store.state === 'open' && store.clock !== undefined) findings.push(judge('store', store.clock, 0))
  return findings.length === 0 ? skipped('neither an endpoint nor a store told its time') : together(findings)
}

/** Of the difference, only what cannot come from the way of the answer and from rounding counts. */
function judge (whose: string, { theirs, askedAt, answeredAt }: ClockReading, roundingMs: number): Finding {
  const difference = theirs - (askedAt + answeredAt) / 2
  const unsure = roundingMs + (answeredAt - askedAt) / 2
  const skew = Math.max(0, Math.abs(difference) - unsure)
  if (skew <= WARNING_MS) return ok(`the ${whose}'s clock agrees within ${seconds(skew + unsure)}`)
  const found = `the ${whose}'s clock is ${seconds(skew)} ${difference > 0 ? 'ahead' : 'behind'}`
  return skew > FAILURE_MS ? failure(found, ADVICE) : warning(found, ADVICE)
}

function seconds (milliseconds: number): string {
  return milliseconds < 10_000 ? `${(milliseconds / 1_000).toFixed(1)} s` : `${Math.round(milliseconds / 1_000)} s`
}
