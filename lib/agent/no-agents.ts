import type { ObservedAgents } from './agent-telemetry.ts'
import { NO_JOBS } from './jobs.ts'
import type { LlmCall } from './llm-call.ts'
import { NO_PROVIDER_TRACES } from './provider-traces.ts'
import type { Run, RunOptions } from './run.ts'
import type { Step, StepOptions } from './step.ts'
import type { ToolCall } from './tool-call.ts'
import type { Watched } from './watch-source.ts'

/** Work that nothing is recorded of: callbacks run, and that is all. */
const NO_END = {
  within: <Result>(work: () => Result): Result => work(),
  end () {},
  [Symbol.dispose] () {}
}

const NO_TOOL: ToolCall = Object.freeze({ ...NO_END })

const NO_CALL: LlmCall = Object.freeze({
  ...NO_END,
  watch: <Source>(source: Source) => source as Watched<Source>
})

function noStep (options?: StepOptions | null): Step {
  return {
    ...NO_END,
    id: options?.id ?? '',
    tool: (_options, work) => work(),
    startTool: () => NO_TOOL,
    llmCall: (_options, work) => work(NO_CALL),
    startLlmCall: () => NO_CALL
  }
}

function noRun (options?: RunOptions | null): Run {
  return {
    ...NO_END,
    id: options?.id ?? '',
    step<Result> (optionsOrWork: StepOptions | ((step: Step) => Result), work?: (step: Step) => Result): Result {
      return typeof optionsOrWork === 'function' ? optionsOrWork(noStep()) : (work as (step: Step) => Result)(noStep(optionsOrWork))
    },
    startStep: noStep
  }
}

const NOTHING_OPEN = Object.freeze({ open: 0, abandoned: 0 })

/** Where nothing is recorded of agents' work. */
export const NO_AGENTS: ObservedAgents = Object.freeze({
  telemetry: Object.freeze({
    fetch: (async (input, init) => await globalThis.fetch(input, init)) satisfies typeof fetch,
    run<Result> (optionsOrWork: RunOptions | ((run: Run) => Result), work?: (run: Run) => Result): Result {
      return typeof optionsOrWork === 'function' ? optionsOrWork(noRun()) : (work as (run: Run) => Result)(noRun(optionsOrWork))
    },
    startRun: noRun,
    recordFile () {},
    jobs: NO_JOBS,
    providerTraces: NO_PROVIDER_TRACES
  }),
  async flush () {},
  giveUp () {},
  stats: () => NOTHING_OPEN
})
