/**
 * What is kept of agents' work, one interface a table, with the columns' own names. Identifiers that are not known are
 * `''`, as ClickHouse keeps them. Times and durations are whole nanoseconds. Rows of one `id` replace one another: the
 * one with the latest `updated_at` counts, so a row may be written when work starts and again when it ends.
 */
interface Kept {
  /** Whose it is; readers ask for one organization at a time. */
  organization_id: string
  project_id: string
  agent_id: string
  template_id: string
  base_template_id: string
  /** 32 hexadecimal digits, or `''` outside a trace. */
  trace_id: string
  /** Milliseconds since the epoch. */
  created_at: number
  updated_at: number
  is_deleted: boolean
}

/** How work ended; `running` until it has. */
export type Outcome = 'running' | 'ok' | 'error' | 'cancelled' | 'disconnected' | 'incomplete'

/** Tokens and what they cost, as far as they are known. */
interface Usage {
  input_tokens: number
  output_tokens: number
  cached_input_tokens: number
  reasoning_tokens: number
  total_tokens: number
  /** US dollars; null where the price is not known. */
  cost_usd: number | null
}

/** `run_metrics`: one agent run. `id` is the run's. */
export interface RunRow extends Kept, Usage {
  id: string
  /** Wall clock. */
  run_start_ns: bigint
  run_ns: bigint | null
  num_steps: number
  num_llm_calls: number
  /** Ids (else names) of tools, each once. */
  tools_used: string[]
  outcome: Outcome
  error_type: string
}

/** `step_metrics`: one step of a run. `id` is the step's. */
export interface StepRow extends Kept, Usage {
  id: string
  run_id: string
  provider_id: string
  step_start_ns: bigint
  step_ns: bigint | null
  llm_request_start_ns: bigint | null
  llm_request_ns: bigint | null
  /** From sending a request to the first content chunk. */
  ttft_ns: bigint | null
  tool_execution_ns: bigint | null
  outcome: Outcome
  error_type: string
}

/** `provider_traces`: one LLM call, without what was said. */
export interface ProviderTraceRow extends Kept, Usage {
  /** `provider_trace-<uuid>`. */
  id: string
  step_id: string
  run_id: string
  /** 16 hexadecimal digits of the call's span. */
  span_id: string
  /** `chat`, `text_completion`, `embeddings`, `responses` … */
  call_type: string
  provider: string
  model: string
  response_model: string
  request_start_ns: bigint
  latency_ns: bigint | null
  ttft_ns: bigint | null
  chunk_count: number
  /** Usage was counted from chunks: the provider never sent it. */
  usage_estimated: boolean
  /** Version of the price table that `cost_usd` is from, or `''`. */
  price_version: string
  request_bytes: number
  response_bytes: number
  outcome: Outcome
  is_error: boolean
  error_type: string
  /** At most 1,000 characters. */
  error_message: string
}

/** `provider_trace_payloads`: what was said in one LLM call, redacted and cut off before it came here. */
export interface ProviderTracePayloadRow {
  /** That of the provider trace. */
  id: string
  organization_id: string
  step_id: string
  request_json: string
  response_json: string
  /** Characters before anything was cut off. */
  request_original_size: number
  response_original_size: number
  /** SHA-256 of the redacted text before anything was cut off, hexadecimal. */
  request_sha256: string
  response_sha256: string
  created_at: number
}

/** `jobs`: what is known of a job. What is absent stays as an earlier row said: updates may be partial. */
export interface JobRow {
  /** `job-<…>`. */
  id: string
  organization_id: string
  ttft_ns?: bigint | null
  total_duration_ns?: bigint | null
  created_at?: number
  updated_at: number
  is_deleted?: boolean
}

/** Tables that rows are written to. */
export interface Rows {
  run_metrics: RunRow
  step_metrics: StepRow
  provider_traces: ProviderTraceRow
  provider_trace_payloads: ProviderTracePayloadRow
  jobs: JobRow
}

/** Takes rows. Never throws and never waits: what cannot be kept is counted. */
export interface RowSink {
  write<Table extends keyof Rows> (table: Table, row: Rows[Table]): void
  /** Resolves when what was taken so far is written, spooled or counted as lost. */
  flush (): Promise<void>
}

/** A run with what was done in it, both in the order in which they began. */
export interface RunTrace {
  run: RunRow
  steps: StepRow[]
  provider_traces: ProviderTraceRow[]
}

/** How rows are asked for. */
export interface ReadOptions {
  /** Gives the answer up. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that the engine may work on it, in whole seconds. @default what the store allows a query */
  readonly timeoutMs?: number | undefined
  /** Bytes of payloads in one answer: those of the last calls, as far as they fit. @default 33_554_432 (32 MiB) */
  readonly payloadBytes?: number | undefined
}

/** An LLM call that was found, with its payloads where they were kept. */
export type FoundCall = ProviderTraceRow & Partial<ProviderTracePayloadRow> & {
  /** Its payloads were kept, and are `''` here: they did not fit into the answer. */
  payloads_omitted?: true
}

/** What may be found again. Every question names the organization; what belongs to another one is not found. */
export interface RowReader {
  /**
   * In the order in which they were asked.
   *
   * @param limit calls at most: the first ones; their payloads may be large. @default 100
   */
  providerTracesOfStep (organizationId: string, stepId: string, limit?: number, options?: ReadOptions): Promise<FoundCall[]>
  /** The call of a step that began last. */
  lastProviderTraceOfStep (organizationId: string, stepId: string, options?: ReadOptions): Promise<FoundCall | undefined>
  stepMetrics (organizationId: string, stepId: string, options?: ReadOptions): Promise<StepRow | undefined>
  runMetrics (organizationId: string, runId: string, options?: ReadOptions): Promise<RunRow | undefined>
  /** @param limit steps, and provider traces, at most: the first ones */
  traceOfRun (organizationId: string, runId: string, limit: number, options?: ReadOptions): Promise<RunTrace | undefined>
  job (organizationId: string, jobId: string, options?: ReadOptions): Promise<JobRow | undefined>
}
