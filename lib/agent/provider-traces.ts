import type { FoundCall } from '../store/rows.ts'
import type { AgentSettings, Rows } from './agent-settings.ts'
import type { Actor } from './jobs.ts'
import { heldBytes } from './held-bytes.ts'
import { keptMessage } from './outcome.ts'
import { keepGiven, payloadRow, type KeptPayload } from './payload.ts'
import { readAnswer, type AnswerPart } from './provider-answer.ts'
import { usageColumns } from './row-columns.ts'
import { updateUsage } from './usage.ts'

/** What a provider was asked and what it answered, as an application hands it over. */
export interface ProviderTraceInput {
  readonly stepId: string
  /** JSON values; kept where payloads are. */
  readonly request: unknown
  readonly response: unknown
  readonly runId?: string
  readonly provider?: string
  readonly model?: string
}

/** A provider trace that was found, with its payloads where they were kept. */
export type ProviderTrace = FoundCall

/** Provider traces, of the actor's organization only. */
export interface ProviderTraces {
  /**
   * Keeps a provider trace that was observed elsewhere; those of `fetch` and of `step.llmCall()` keep themselves.
   *
   * @returns its id, `provider_trace-<uuid>`
   */
  create (trace: ProviderTraceInput, actor: Actor): string
  /** The last provider trace of a step; undefined where there is none in the actor's organization. */
  getByStepId (stepId: string, actor: Actor): Promise<ProviderTrace | undefined>
}

type TraceSettings = Pick<AgentSettings, 'keep' | 'later' | 'redaction' | 'payloads' | 'onFault'>

export class StoredProviderTraces implements ProviderTraces {
  readonly #rows: Rows
  readonly #settings: TraceSettings

  constructor (rows: Rows, settings: TraceSettings) {
    this.#rows = rows
    this.#settings = settings
  }

  create (trace: ProviderTraceInput, actor: Actor): string {
    const id = newId()
    try {
      this.#create(id, trace, actor)
    } catch (fault) {
      this.#settings.onFault(fault)
    }
    return id
  }

  #create (id: string, { stepId, request, response, runId = '', provider = '', model = '' }: ProviderTraceInput, { organizationId }: Actor): void {
    // Nobody could ever read it.
    if (typeof organizationId !== 'string' || organizationId === '') throw new TypeError('the actor of a provider trace has no organization')
    const { keep, later, payloads, redaction } = this.#settings
    const now = Date.now()
    const answer = this.#read(response)
    keep('provider_traces', {
      id,
      organization_id: organizationId,
      project_id: '',
      agent_id: '',
      template_id: '',
      base_template_id: '',
      trace_id: '',
      created_at: now,
      updated_at: now,
      is_deleted: false,
      ...usageColumns(updateUsage(undefined, answer?.usage ?? {}), undefined),
      step_id: stepId,
      run_id: runId,
      span_id: '',
      call_type: 'chat',
      provider,
      model,
      response_model: answer?.model ?? '',
      request_start_ns: BigInt(now) * 1_000_000n,
      latency_ns: null,
      ttft_ns: null,
      chunk_count: 0,
      usage_estimated: false,
      price_version: '',
      request_bytes: 0,
      response_bytes: 0,
      outcome: answer?.error === undefined ? 'ok' : 'error',
      is_error: answer?.error !== undefined,
      error_type: answer?.error?.type ?? '',
      error_message: keptMessage(answer?.error?.message ?? '', redaction)
    })
    if (payloads === undefined) return
    const of = { id, organization_id: organizationId, step_id: stepId, created_at: now }
    let kept: KeptPayload | undefined
    later.add(function * () { kept = yield * keepGiven(request, payloads) }, heldBytes(request))
    later.add(function * () { keep('provider_trace_payloads', payloadRow(of, kept, yield * keepGiven(response, payloads))) }, heldBytes(response))
  }

  /** Getters of what was handed over may throw; the trace is kept without what they hide. */
  #read (response: unknown): AnswerPart | undefined {
    try {
      return readAnswer(response)
    } catch (fault) {
      this.#settings.onFault(fault)
      return undefined
    }
  }

  async getByStepId (stepId: string, actor: Actor | null | undefined): Promise<ProviderTrace | undefined> {
    const organizationId: unknown = actor?.organizationId
    if (typeof organizationId !== 'string' || organizationId === '') return undefined
    return await this.#rows.lastProviderTraceOfStep(organizationId, stepId)
  }
}

/** Where no store is configured. */
export const NO_PROVIDER_TRACES: ProviderTraces = Object.freeze({
  create: newId,
  async getByStepId () { return undefined }
})

function newId (): string {
  return `provider_trace-${crypto.randomUUID()}`
}
