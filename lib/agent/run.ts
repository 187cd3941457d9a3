import { SpanKind } from '@opentelemetry/api'
import { getContextAttributes, type ContextAttributes, type ContextAttributeValue } from '../ambient/context-attributes.ts'
import type { RunRow } from '../store/rows.ts'
import {
  ATTRIBUTE_OF_COLUMN, ATTR_GEN_AI_AGENT_ID, ATTR_GEN_AI_AGENT_NAME, ATTR_GEN_AI_CONVERSATION_ID, ATTR_GEN_AI_OPERATION_NAME, ATTR_RUN_ID,
  OPERATION_INVOKE_AGENT
} from '../vocabulary/generative-ai.ts'
import type { AgentSettings } from './agent-settings.ts'
import { cutOffEnd, type WorkEnd } from './outcome.ts'
import { sharedColumns, usageColumns } from './row-columns.ts'
import { StepWork, type Step, type StepOptions } from './step.ts'
import { NO_USAGE, addUsage, type TokenUsage } from './usage.ts'
import { Work, type EndOptions } from './work.ts'

/** What is known of a run when it begins. Whatever is left out comes from the ambient attributes of the request. */
export interface RunOptions {
  /** @default `run-<uuid>` */
  readonly id?: string
  readonly agentId?: string
  readonly agentName?: string
  readonly organizationId?: string
  readonly projectId?: string
  readonly templateId?: string
  readonly baseTemplateId?: string
  readonly conversationId?: string
  /** Messages of users that the run answers, for `count_user_message`. @default 1 */
  readonly userMessages?: number
  /** Tells that the run was cancelled. */
  readonly signal?: AbortSignal
}

/** An agent run: what an agent does to answer. */
export interface Run extends Disposable {
  readonly id: string
  /** Runs one step. It ends with the callback, or with what that returns to be read; however that ends. */
  step<Result> (work: (step: Step) => Result): Result
  step<Result> (options: StepOptions, work: (step: Step) => Result): Result
  /** Begins a step that is ended by hand. */
  startStep (options?: StepOptions): Step
  /** Runs a function in the context of the run: what is observed in it belongs to the run. It ends nothing. */
  within<Result> (work: () => Result): Result
  /** Ends the run, and whatever is open in it. Only the first time counts. */
  end (options?: EndOptions): void
}

/** Tools of one run that are told: a model may ask for names that there are none of, and a run may last. */
const TOOLS_MAX = 1_000

export class RunWork extends Work implements Run {
  readonly id: string
  #steps = 0
  #calls = 0
  #usage = NO_USAGE
  #cost: number | undefined
  readonly #tools = new Set<string>()
  #lastStep: StepWork | undefined
  #nanoseconds: bigint | undefined

  constructor (settings: AgentSettings, parent: Work | undefined, given: RunOptions | null | undefined, inherited: ContextAttributes = {}) {
    const options = given ?? {}
    const id = options.id ?? `run-${crypto.randomUUID()}`
    const { agentId, agentName, conversationId, userMessages = 1 } = options
    super(settings, parent, {
      name: agentName === undefined ? OPERATION_INVOKE_AGENT : `${OPERATION_INVOKE_AGENT} ${agentName}`,
      kind: SpanKind.INTERNAL,
      attributes: {
        [ATTR_GEN_AI_OPERATION_NAME]: OPERATION_INVOKE_AGENT,
        [ATTR_RUN_ID]: id,
        ...agentName !== undefined && { [ATTR_GEN_AI_AGENT_NAME]: agentName },
        ...conversationId !== undefined && { [ATTR_GEN_AI_CONVERSATION_ID]: conversationId }
      },
      ambient: {
        ...inherited,
        ...defined({
          [ATTRIBUTE_OF_COLUMN.agent_id]: agentId,
          // What the request says later is no longer of the organization that this was begun for.
          [ATTRIBUTE_OF_COLUMN.organization_id]: options.organizationId ?? inherited[ATTRIBUTE_OF_COLUMN.organization_id] ?? parent?.organization ??
            getContextAttributes()[ATTRIBUTE_OF_COLUMN.organization_id],
          [ATTRIBUTE_OF_COLUMN.project_id]: options.projectId,
          [ATTRIBUTE_OF_COLUMN.template_id]: options.templateId,
          [ATTRIBUTE_OF_COLUMN.base_template_id]: options.baseTemplateId
        })
      },
      signal: options.signal
    })
    this.id = id
    const agent = this.ambient[ATTRIBUTE_OF_COLUMN.agent_id]
    if (agent !== undefined) this.guard(() => { this.span.setAttribute(ATTR_GEN_AI_AGENT_ID, String(agent)) })
    if (Number.isFinite(userMessages) && userMessages > 0) settings.instruments.add('userMessages', userMessages, { ...this.ambient })
    // So that a crash leaves a trace of it.
    settings.keep('run_metrics', this.#row(undefined))
  }

  step<Result> (optionsOrWork: StepOptions | ((step: Step) => Result), work?: (step: Step) => Result): Result {
    const step = this.#addStep(typeof optionsOrWork === 'function' ? undefined : optionsOrWork)
    return step.contain(() => (work ?? optionsOrWork as (step: Step) => Result)(step))
  }

  startStep (options?: StepOptions): Step {
    const step = this.#addStep(options)
    this.settings.current.enter(step)
    return step
  }

  override get partOfRun (): RunWork {
    return this
  }

  /** A run within a step of another is no part of that step. */
  override get partOfStep (): undefined {
    return undefined
  }

  /** Counts an LLM call that ended. */
  addCall (usage: TokenUsage, cost: number | undefined): void {
    this.#calls++
    this.addUsage(usage, cost)
  }

  /** Counts what an LLM call used, or what it used beside what was counted. */
  addUsage (usage: TokenUsage, cost: number | undefined): void {
    this.#usage = addUsage(this.#usage, usage)
    if (cost !== undefined) this.#cost = (this.#cost ?? 0) + cost
    // The call was read on after the run had ended.
    if (this.ended !== undefined) this.settings.keep('run_metrics', this.#row(this.ended))
  }

  /** @param tool its id, else its name */
  addTool (tool: string): void {
    if (this.#tools.size < TOOLS_MAX) this.#tools.add(tool)
  }

  protected override returnedEnd (): WorkEnd {
    return cutOffEnd(this.#lastStep?.cutOff, this) ?? super.returnedEnd()
  }

  protected override record (end: WorkEnd, nanoseconds: bigint): void {
    this.#nanoseconds = nanoseconds
    this.settings.keep('run_metrics', this.#row(end))
  }

  #addStep (options: StepOptions | null | undefined): StepWork {
    this.#steps++
    this.#lastStep = new StepWork(this.settings, this, options)
    return this.#lastStep
  }

  #row (end: WorkEnd | undefined): RunRow {
    return {
      id: this.id,
      ...sharedColumns(this),
      ...usageColumns(this.#usage, this.#cost),
      run_start_ns: this.stopwatch.startedAt,
      run_ns: this.#nanoseconds ?? null,
      num_steps: this.#steps,
      num_llm_calls: this.#calls,
      tools_used: [...this.#tools],
      outcome: end?.outcome ?? 'running',
      error_type: end?.errorType ?? ''
    }
  }
}

function defined (attributes: Readonly<Record<string, ContextAttributeValue | undefined>>): ContextAttributes {
  return Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]))
}
