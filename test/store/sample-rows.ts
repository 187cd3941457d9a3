import { randomUUID } from 'node:crypto'
import type { JobRow, ProviderTracePayloadRow, ProviderTraceRow, RunRow, StepRow } from '../../lib/store/rows.ts'

/** Rows that are older than they may become are not taken at all, so these are of today. */
export const NOW = Date.now() - 60_000
export const NOW_NS = BigInt(NOW) * 1_000_000n + 456_789n

function kept () {
  return {
    organization_id: 'org-1',
    project_id: 'project-1',
    agent_id: 'agent-1',
    template_id: '',
    base_template_id: '',
    trace_id: 'ab'.repeat(16),
    created_at: NOW,
    updated_at: NOW,
    is_deleted: false,
    input_tokens: 100,
    output_tokens: 20,
    cached_input_tokens: 5,
    reasoning_tokens: 3,
    total_tokens: 120,
    cost_usd: 0.0125
  }
}

export function runRow (row: Partial<RunRow> = {}): RunRow {
  return {
    id: `run-${randomUUID()}`,
    ...kept(),
    run_start_ns: NOW_NS,
    run_ns: 12_000_000_001n,
    num_steps: 2,
    num_llm_calls: 3,
    tools_used: ['tool-1', 'tool-2'],
    outcome: 'ok',
    error_type: '',
    ...row
  }
}

export function stepRow (row: Partial<StepRow> = {}): StepRow {
  return {
    id: `step-${randomUUID()}`,
    ...kept(),
    run_id: 'run-1',
    provider_id: 'openai',
    step_start_ns: NOW_NS,
    step_ns: 2_000_000_001n,
    llm_request_start_ns: NOW_NS + 1n,
    llm_request_ns: 1_000_000_001n,
    ttft_ns: 500_000_001n,
    tool_execution_ns: null,
    outcome: 'ok',
    error_type: '',
    ...row
  }
}

export function callRow (row: Partial<ProviderTraceRow> = {}): ProviderTraceRow {
  return {
    id: `provider_trace-${randomUUID()}`,
    ...kept(),
    step_id: 'step-1',
    run_id: 'run-1',
    span_id: 'cd'.repeat(8),
    call_type: 'chat',
    provider: 'openai',
    model: 'gpt-5',
    response_model: 'gpt-5-1',
    request_start_ns: NOW_NS,
    latency_ns: 900_000_001n,
    ttft_ns: 300_000_001n,
    chunk_count: 12,
    usage_estimated: true,
    price_version: '2026-09',
    request_bytes: 5_000_000_000,
    response_bytes: 2_000,
    outcome: 'ok',
    is_error: false,
    error_type: '',
    error_message: '',
    ...row
  }
}

export function payloadRow (row: Partial<ProviderTracePayloadRow> = {}): ProviderTracePayloadRow {
  return {
    id: 'provider_trace-1',
    organization_id: 'org-1',
    step_id: 'step-1',
    request_json: '{"messages":[{"content":"hi"}]}',
    response_json: '{"ok":"\\u00e9 \\n"}',
    request_original_size: 5_000_000_000,
    response_original_size: 20,
    request_sha256: '0'.repeat(64),
    response_sha256: '1'.repeat(64),
    created_at: NOW,
    ...row
  }
}

export function jobRow (row: Partial<JobRow> = {}): JobRow {
  return { id: 'job-1', organization_id: 'org-1', updated_at: NOW, ...row }
}
