import type { Attributes } from '@opentelemetry/api'
import { ATTR_ERROR_TYPE } from '../vocabulary/attributes.ts'
import { ATTR_METRIC_MODEL } from '../vocabulary/agent-metrics.ts'
import {
  ATTR_GEN_AI_REQUEST_MODEL, ATTR_GEN_AI_RESPONSE_FINISH_REASONS, ATTR_GEN_AI_RESPONSE_ID, ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, ATTR_GEN_AI_TOKEN_TYPE, ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS, ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, ATTR_LETTA_CHUNK_COUNT, ATTR_LETTA_COST_USD, ATTR_LETTA_PRICE_VERSION,
  ATTR_LETTA_TIME_PER_OUTPUT_TOKEN_MS, ATTR_LETTA_USAGE_ESTIMATED, TOKEN_TYPE_INPUT, TOKEN_TYPE_OUTPUT
} from '../vocabulary/generative-ai.ts'
import type { CallProgress } from './call-progress.ts'
import { heldBytes } from './held-bytes.ts'
import type { LlmCallWork } from './llm-call.ts'
import { keptMessage, type WorkEnd } from './outcome.ts'
import { keepAnswerText, keepAssembled, keepBody, keepGiven, keepValue, payloadRow, type KeptPayload, type Making, type PayloadRules } from './payload.ts'
import { costOf, type Cost } from './prices.ts'
import { sharedColumns, usageColumns } from './row-columns.ts'
import { toMilliseconds, toSeconds } from './stopwatch.ts'
import { NO_USAGE, subtractUsage, type TokenUsage } from './usage.ts'

/** All that is written down of an LLM call, worked out once. */
export interface CallResult {
  readonly end: WorkEnd
  readonly nanoseconds: bigint
  readonly usage: TokenUsage | undefined
  readonly estimated: boolean
  readonly cost: Cost | undefined
}

/** Writes down an LLM call that ended: metrics, rows, its share of step and run, and its span's attributes. */
export function recordCall (call: LlmCallWork, end: WorkEnd, nanoseconds: bigint): CallResult {
  const result = resultOf(call, end, nanoseconds)
  keepResult(call, result)
  // As a span may be somebody else's, and throw.
  call.guard(() => { describe(call, result) })
  return result
}

/**
 * Writes down what was said of a call after its end: its row, and those of step and run, are written again. Its span has ended.
 * Metrics count each call once: only what they have not heard of yet is recorded.
 *
 * @param nanoseconds how long it took, where its answer went on after its end
 */
export function recordCorrection (call: LlmCallWork, before: CallResult, said: WorkEnd, nanoseconds = before.nanoseconds): CallResult {
  // Work that was cut off stays so, unless somebody says otherwise.
  const end = said.outcome === 'ok' && before.end.outcome !== 'incomplete' ? before.end : said
  const result = resultOf(call, end, nanoseconds)
  const { usage = NO_USAGE, cost } = result
  const usageAdded = subtractUsage(usage, before.usage ?? NO_USAGE)
  const costAdded = cost === undefined ? undefined : cost.usd - (before.cost?.usd ?? 0)
  call.partOfStep?.addUsage(usageAdded, costAdded)
  call.partOfRun?.addUsage(usageAdded, costAdded)
  writeRow(call, result)
  measureUsage(call, result, before)
  return result
}

function resultOf ({ progress, settings, model }: LlmCallWork, end: WorkEnd, nanoseconds: bigint): CallResult {
  const { usage, estimated = false } = progress.finalUsage ?? {}
  const cost = usage && costOf(settings.prices, [progress.responseModel, model], usage)
  return { end, nanoseconds, usage, estimated, cost }
}

function keepResult (call: LlmCallWork, result: CallResult): void {
  const { nanoseconds, usage = NO_USAGE, cost } = result
  call.partOfStep?.addCall({
    provider: call.provider,
    startedAt: call.stopwatch.startedAt,
    nanoseconds,
    ttft: call.progress.ttft,
    usage,
    cost: cost?.usd
  })
  call.partOfRun?.addCall(usage, cost?.usd)
  writeRow(call, result)
  const { payloads } = call.settings
  if (payloads !== undefined) writePayloads(call, payloads)
  measure(call, result)
}

function describe ({ span, model, progress }: LlmCallWork, { usage, estimated, cost }: CallResult): void {
  if (!span.isRecording()) return
  const { ttft, responseId, responseModel, finishReason, chunkCount, timePerOutputToken } = progress
  span.setAttributes({
    ...model !== '' && { [ATTR_GEN_AI_REQUEST_MODEL]: model },
    ...responseId !== '' && { [ATTR_GEN_AI_RESPONSE_ID]: responseId },
    ...responseModel !== '' && { [ATTR_GEN_AI_RESPONSE_MODEL]: responseModel },
    ...finishReason !== '' && { [ATTR_GEN_AI_RESPONSE_FINISH_REASONS]: [finishReason] },
    ...ttft !== undefined && { [ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]: toSeconds(ttft), [ATTR_LETTA_CHUNK_COUNT]: chunkCount },
    ...timePerOutputToken !== undefined && { [ATTR_LETTA_TIME_PER_OUTPUT_TOKEN_MS]: timePerOutputToken / 1e6 },
    ...usage !== undefined && {
      [ATTR_GEN_AI_USAGE_INPUT_TOKENS]: usage.inputTokens,
      [ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]: usage.outputTokens,
      [ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: usage.cachedInputTokens,
      [ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]: usage.reasoningTokens
    },
    ...estimated && { [ATTR_LETTA_USAGE_ESTIMATED]: true },
    ...cost !== undefined && { [ATTR_LETTA_COST_USD]: cost.usd, [ATTR_LETTA_PRICE_VERSION]: cost.version }
  })
}

function measure (call: LlmCallWork, result: CallResult): void {
  const { end, nanoseconds } = result
  const { progress, settings: { instruments } } = call
  const letta = lettaAttributes(call)
  const standard = standardAttributes(call)
  const errorType = end.outcome === 'error' ? end.errorType : end.outcome
  instruments.record('llmExecutionTime', toMilliseconds(nanoseconds), letta)
  instruments.record('operationDuration', toSeconds(nanoseconds), { ...standard, ...end.outcome !== 'ok' && { [ATTR_ERROR_TYPE]: errorType } })
  if (progress.ttft !== undefined) {
    instruments.record('ttft', toMilliseconds(progress.ttft), letta)
    instruments.record('timeToFirstChunk', toSeconds(progress.ttft), standard)
  }
  measureUsage(call, result)
}

/** @param before what was measured of the call already */
function measureUsage (call: LlmCallWork, result: CallResult, before?: CallResult): void {
  const { usage, cost } = result
  const { settings: { instruments } } = call
  const letta = lettaAttributes(call)
  const standard = standardAttributes(call)
  if (cost !== undefined && before?.cost === undefined) instruments.record('messageCost', cost.usd, letta)
  if (usage === undefined) return
  if (knowsInput(result) && !knowsInput(before)) instruments.record('tokenUsage', usage.inputTokens, { ...standard, [ATTR_GEN_AI_TOKEN_TYPE]: TOKEN_TYPE_INPUT })
  if (call.operation === 'embeddings' || before?.usage !== undefined) return
  instruments.record('messageOutputTokens', usage.outputTokens, letta)
  instruments.record('tokenUsage', usage.outputTokens, { ...standard, [ATTR_GEN_AI_TOKEN_TYPE]: TOKEN_TYPE_OUTPUT })
}

/** Of what was only counted from chunks, the input is not known. */
function knowsInput (result: CallResult | undefined): boolean {
  return result?.usage !== undefined && (!result.estimated || result.usage.inputTokens > 0)
}

function lettaAttributes (call: LlmCallWork): Attributes {
  return { ...call.ambient, [ATTR_METRIC_MODEL]: call.model }
}

function standardAttributes ({ metricAttributes, progress: { responseModel } }: LlmCallWork): Attributes {
  return { ...metricAttributes, ...responseModel !== '' && { [ATTR_GEN_AI_RESPONSE_MODEL]: responseModel } }
}

function writeRow (call: LlmCallWork, { end, nanoseconds, usage, estimated, cost }: CallResult): void {
  const { progress, settings } = call
  settings.keep('provider_traces', {
    id: call.id,
    step_id: call.partOfStep?.id ?? '',
    run_id: call.partOfRun?.id ?? '',
    ...sharedColumns(call),
    ...usageColumns(usage ?? NO_USAGE, cost?.usd),
    span_id: call.traceId === '' ? '' : call.span.spanContext().spanId,
    call_type: call.callType,
    provider: call.provider,
    model: call.model,
    response_model: progress.responseModel,
    request_start_ns: call.stopwatch.startedAt,
    latency_ns: nanoseconds,
    ttft_ns: progress.ttft ?? null,
    chunk_count: progress.chunkCount,
    usage_estimated: estimated,
    price_version: cost?.version ?? '',
    request_bytes: call.requestBytes,
    response_bytes: progress.responseBytes,
    outcome: end.outcome,
    is_error: end.outcome === 'error',
    error_type: end.errorType,
    error_message: keptMessage(end.errorMessage, settings.redaction)
  })
}

/** Request and answer may both be long, and so wait their turn one by one. */
function writePayloads (call: LlmCallWork, rules: PayloadRules): void {
  const { settings: { keep, later }, requestBody, requestValue } = call
  const shared = sharedColumns(call)
  const of = { id: call.id, organization_id: shared.organization_id, step_id: call.partOfStep?.id ?? '', created_at: shared.created_at }
  // A call may be remembered for long after its end, as the last one of its step or where it was begun.
  call.requestBody = call.requestValue = undefined
  let request: KeptPayload | undefined
  later.add(function * () { request = yield * requestBody === undefined ? keepGiven(requestValue, rules) : keepBody(requestBody, rules) }, requestBody?.byteLength ?? heldBytes(requestValue))
  later.add(function * () { keep('provider_trace_payloads', payloadRow(of, request, yield * keepResponse(call.progress, rules))) }, call.progress.answerBytes)
}

function * keepResponse (progress: CallProgress, rules: PayloadRules): Making<KeptPayload | undefined> {
  const { value, body, text } = progress.takeAnswer()
  if (value !== undefined) return yield * keepValue(value, rules)
  if (body !== undefined) return yield * keepAnswerText(body.text, body.length, rules)
  if (text === undefined || text.length === 0) return undefined
  return yield * keepAssembled(text, { id: progress.responseId, model: progress.responseModel, finish_reason: progress.finishReason }, rules)
}
