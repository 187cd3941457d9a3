import { defineQuery, rowLimit, startedInRange, TIME_RANGE } from './named-query.ts'

export const dailyVolume = defineQuery({
  name: 'daily-volume',
  title: 'Volume a day',
  description: 'LLM calls of each day (UTC) with what was sent and answered, in bytes before anything was cut off, tokens and dollars; the newest day first.',
  parameters: {
    ...TIME_RANGE,
    from: { ...TIME_RANGE.from, default: '-30d' },
    ...rowLimit(90)
  },
  columns: {
    day: 'text', calls: 'count', errors: 'count', request_bytes: 'bytes', response_bytes: 'bytes', input_tokens: 'count', output_tokens: 'count', cost_usd: 'dollars'
  },
  maximumDays: 400,
  sql: `
    SELECT toDate(request_start_ns, 'UTC') AS day, count() AS calls, countIf(is_error) AS errors,
      sum(p.request_bytes) AS request_bytes, sum(p.response_bytes) AS response_bytes,
      sum(p.input_tokens) AS input_tokens, sum(p.output_tokens) AS output_tokens, sum(p.cost_usd) AS cost_usd
    FROM provider_traces AS p FINAL
    WHERE ${startedInRange('request_start_ns')}
      AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
    GROUP BY day
    ORDER BY day DESC
    LIMIT {limit:UInt32}`
})
