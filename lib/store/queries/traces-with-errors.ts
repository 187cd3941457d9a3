import { defineQuery, rowLimit, startedInRange, TIME_RANGE } from './named-query.ts'

export const tracesWithErrors = defineQuery({
  name: 'traces-with-errors',
  title: 'Provider traces with errors',
  description: 'LLM calls that failed, the newest first.',
  parameters: {
    ...TIME_RANGE,
    error_type: { kind: 'text', description: 'only errors of this type', default: '' },
    model: { kind: 'text', description: 'only calls of this model', default: '' },
    ...rowLimit(50)
  },
  columns: {
    id: 'text', started: 'time', provider: 'text', model: 'text', error_type: 'text', error_message: 'text', latency_ms: 'milliseconds', step_id: 'text', run_id: 'text', trace_id: 'text', organization_id: 'text'
  },
  maximumDays: 400,
  sql: `
    SELECT id, toUnixTimestamp64Nano(request_start_ns) AS started, provider, model, error_type, error_message, latency_ns / 1e6 AS latency_ms,
      step_id, run_id, trace_id, organization_id
    FROM provider_traces FINAL
    WHERE ${startedInRange('request_start_ns')}
      AND is_error
      AND ({error_type:String} = '' OR error_type = {error_type:String})
      AND ({model:String} = '' OR model = {model:String})
      AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
    ORDER BY request_start_ns DESC, id
    LIMIT {limit:UInt32}`
})
