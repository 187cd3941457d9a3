import { SpanKind } from '@opentelemetry/api'
import {
  ATTR_METRIC_STEP_ID, ATTR_METRIC_TOOL, ATTR_METRIC_TOOL_EXECUTION_SUCCESS, ATTR_METRIC_TOOL_NAME
} from '../vocabulary/agent-metrics.ts'
import {
  ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_TOOL_CALL_ID, ATTR_GEN_AI_TOOL_NAME, ATTR_RUN_ID, ATTR_STEP_ID, OPERATION_EXECUTE_TOOL
} from '../vocabulary/generative-ai.ts'
import type { AgentSettings } from './agent-settings.ts'
import type { WorkEnd } from './outcome.ts'
import { toMilliseconds } from './stopwatch.ts'
import type { StepWork } from './step.ts'
import { Work, type EndOptions } from './work.ts'

/** What is known of a tool when it begins. */
export interface ToolOptions {
  readonly name: string
  /** Id of the call, as the model that asked for it gave it. */
  readonly id?: string
  /** Id of the tool itself, for `tools_used` of the run. @default its name */
  readonly toolId?: string
  /** Tells that the tool was cancelled. */
  readonly signal?: AbortSignal
}

/** A tool that is being executed. */
export interface ToolCall extends Disposable {
  /** Runs a function in the context of the tool. It ends nothing. */
  within<Result> (work: () => Result): Result
  /** Ends the tool. Only the first time counts. */
  end (options?: EndOptions): void
}

export class ToolCallWork extends Work implements ToolCall {
  readonly #step: StepWork
  readonly #name: string

  constructor (settings: AgentSettings, step: StepWork, { name, id, toolId, signal }: ToolOptions) {
    super(settings, step, {
      name: `${OPERATION_EXECUTE_TOOL} ${name}`,
      kind: SpanKind.INTERNAL,
      attributes: {
        [ATTR_GEN_AI_OPERATION_NAME]: OPERATION_EXECUTE_TOOL,
        [ATTR_GEN_AI_TOOL_NAME]: name,
        ...id !== undefined && { [ATTR_GEN_AI_TOOL_CALL_ID]: id },
        [ATTR_RUN_ID]: step.run.id,
        [ATTR_STEP_ID]: step.id
      },
      signal
    })
    this.#step = step
    this.#name = name
    step.run.addTool(toolId ?? name)
  }

  protected override record ({ outcome }: WorkEnd, nanoseconds: bigint): void {
    const { instruments } = this.settings
    const success = outcome === 'ok'
    this.#step.addToolTime(nanoseconds)
    instruments.record('toolExecutionTime', toMilliseconds(nanoseconds), { ...this.ambient, [ATTR_METRIC_TOOL]: this.#name })
    instruments.add('toolExecutions', 1, {
      ...this.ambient,
      [ATTR_METRIC_TOOL_NAME]: this.#name,
      [ATTR_METRIC_TOOL_EXECUTION_SUCCESS]: success,
      ...!success && { [ATTR_METRIC_STEP_ID]: this.#step.id }
    })
  }
}
