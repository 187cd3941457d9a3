import { defineRule, minimumRequests, threshold, type AlertRule } from './alert-rule.ts'

interface BurnRate {
  readonly name: string
  readonly windowSeconds: number
  readonly windowText: string
  readonly shortSeconds: number
  readonly severity: AlertRule['severity']
  /** How many times faster than it may, the budget is used up. */
  readonly factor: number
  readonly spent: string
}

/**
 * Pairs of windows and factors are those of Google's SRE workbook, chapter 5, for a budget of 30 days: the long window says
 * that it matters, the short one that it goes on. They are windows of the query `slo` too.
 */
const BURN_RATES: readonly BurnRate[] = [
  { name: 'budget-burn-1h', windowSeconds: 3_600, windowText: '1 hour', shortSeconds: 300, severity: 'critical', factor: 14.4, spent: '2 %' },
  { name: 'budget-burn-6h', windowSeconds: 21_600, windowText: '6 hours', shortSeconds: 1_800, severity: 'critical', factor: 6, spent: '5 %' },
  { name: 'budget-burn-3d', windowSeconds: 259_200, windowText: '3 days', shortSeconds: 21_600, severity: 'warning', factor: 1, spent: '10 %' }
]

const partOfErrors = (condition: string): string =>
  `(sumIf(m.errors, ${condition}) / greatest(1, sumIf(m.requests, ${condition})))`

export const BUDGET_RULES: readonly AlertRule[] = BURN_RATES.map(({ name, windowSeconds, windowText, shortSeconds, severity, factor, spent }) => {
  const isRecent = `minute >= toDateTime(intDiv({to:Int64}, 1000000000)) - ${shortSeconds}`
  return defineRule({
    name,
    title: `The error budget burns: ${spent} within ${windowText}`,
    description: `Failing requests use up ${spent} of the 30 days' error budget within ${windowText}, and still do. The value is the lower burn rate of both windows: 1 uses the budget up in exactly 30 days.`,
    severity,
    windowSeconds,
    forSeconds: 0,
    comparison: 'above',
    labels: ['service'],
    unit: 'number',
    parameters: {
      threshold: threshold(factor, 'burn rate'),
      objective: { kind: 'number', description: 'part of requests that should be good', default: 0.999, minimum: 0.5, maximum: 0.999999, fraction: true },
      ...minimumRequests(10)
    },
    sql: `
    SELECT service_name AS service, least(${partOfErrors('1')}, ${partOfErrors(isRecent)}) / (1 - {objective:Float64}) AS value
    FROM endpoint_minutes AS m
    WHERE minute >= toDateTime(intDiv({from:Int64}, 1000000000)) AND minute < toDateTime(intDiv({to:Int64} + 999999999, 1000000000))
    GROUP BY service
    HAVING sum(m.requests) >= {minimum_requests:UInt64}
    ORDER BY value DESC, service`
  })
})
