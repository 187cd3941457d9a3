import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api'
import {
  ABANDONED_WORK, FILE_PROCESS_BYTES, GEN_AI_OPERATION_DURATION, GEN_AI_TIME_PER_OUTPUT_CHUNK, GEN_AI_TIME_TO_FIRST_CHUNK, GEN_AI_TOKEN_USAGE, LLM_EXECUTION_TIME,
  MESSAGE_COST, MESSAGE_OUTPUT_TOKENS, PROVIDER_TIMEOUTS, STEP_EXECUTION_TIME, TOOL_EXECUTIONS, TOOL_EXECUTION_TIME, TTFT, USER_MESSAGES
} from '../vocabulary/agent-metrics.ts'
import type { InstrumentFacts } from '../vocabulary/metrics.ts'

const COUNTERS = { userMessages: USER_MESSAGES, toolExecutions: TOOL_EXECUTIONS, providerTimeouts: PROVIDER_TIMEOUTS, abandonedWork: ABANDONED_WORK }
const HISTOGRAMS = {
  ttft: TTFT,
  llmExecutionTime: LLM_EXECUTION_TIME,
  toolExecutionTime: TOOL_EXECUTION_TIME,
  stepExecutionTime: STEP_EXECUTION_TIME,
  fileProcessBytes: FILE_PROCESS_BYTES,
  messageCost: MESSAGE_COST,
  messageOutputTokens: MESSAGE_OUTPUT_TOKENS,
  operationDuration: GEN_AI_OPERATION_DURATION,
  tokenUsage: GEN_AI_TOKEN_USAGE,
  timeToFirstChunk: GEN_AI_TIME_TO_FIRST_CHUNK,
  timePerOutputChunk: GEN_AI_TIME_PER_OUTPUT_CHUNK
}

/** The instruments of agents' work, each made when it is first used. */
export class Instruments {
  readonly #meter: Meter
  readonly #onFault: (fault: unknown) => void
  readonly #counters = new Map<InstrumentFacts, Counter>()
  readonly #histograms = new Map<InstrumentFacts, Histogram>()

  constructor (meter: Meter, onFault: (fault: unknown) => void) {
    this.#meter = meter
    this.#onFault = onFault
  }

  /** Never throws. */
  add (name: keyof typeof COUNTERS, value: number, attributes: Attributes): void {
    try {
      this.#counter(COUNTERS[name]).add(value, attributes)
    } catch (fault) {
      this.#onFault(fault)
    }
  }

  /**
   * Never throws.
   *
   * @param value in the unit of the instrument
   */
  record (name: keyof typeof HISTOGRAMS, value: number, attributes: Attributes): void {
    try {
      this.#histogram(HISTOGRAMS[name]).record(value, attributes)
    } catch (fault) {
      this.#onFault(fault)
    }
  }

  #counter (facts: InstrumentFacts): Counter {
    let counter = this.#counters.get(facts)
    if (counter === undefined) this.#counters.set(facts, counter = this.#meter.createCounter(facts.name, facts))
    return counter
  }

  #histogram (facts: InstrumentFacts): Histogram {
    let histogram = this.#histograms.get(facts)
    if (histogram === undefined) {
      const { name, unit, description, boundaries = [] } = facts
      histogram = this.#meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: boundaries } })
      this.#histograms.set(facts, histogram)
    }
    return histogram
  }
}
