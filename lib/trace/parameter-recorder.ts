import type { AttributeValue, Span } from '@opentelemetry/api'
import {
  ATTR_PARAMETERS_TRUNCATED, ATTR_PARAMETERS_TRUNCATED_REASON, LEFT_OUT_PARAMETERS, NEVER_LEFT_OUT_PARAMETERS, parameterAttribute,
  type ParameterLimits
} from '../vocabulary/method-tracing.ts'
import { REDACTED, isSecret } from '../vocabulary/secrets.ts'
import { excludedSummary } from './describe-value.ts'
import { namedParameters, readParameters, type ParameterSource } from './parameter-sources.ts'
import { TimeBudget } from './time-budget.ts'
import { valueText } from './value-text.ts'

/** Which parameters of a function are recorded, and how much of them. */
export interface ParameterSettings {
  /** Names by position; without them, those of the source. */
  readonly names: readonly string[] | undefined
  readonly exclude: readonly string[]
  readonly include: readonly string[]
  readonly limits: ParameterLimits
}

interface RecordedParameter extends ParameterSource {
  readonly attribute: string
  readonly shown: 'value' | 'summary'
  readonly budget: TimeBudget
}

/** Writes the arguments of one function's calls onto spans. */
export class ParameterRecorder {
  readonly #fn: (...args: never[]) => unknown
  readonly #settings: ParameterSettings
  #parameters: readonly RecordedParameter[] | undefined

  constructor (fn: (...args: never[]) => unknown, settings: ParameterSettings) {
    this.#fn = fn
    this.#settings = settings
  }

  record (span: Span, args: readonly unknown[]): void {
    const { limits } = this.#settings
    let left = limits.total
    for (const parameter of this.#parameters ??= this.#recorded()) {
      const value = parameter.read(args)
      // What a call leaves out has the default that its function gives it.
      if (value === undefined) continue
      const limit = Math.min(limits.value, left)
      const { recorded, length, truncated } = recordedValue(parameter, value, { value: limit, items: limits.items })
      if (length > 0 && left <= 0) {
        markTruncated(span, limits.total)
        return
      }
      span.setAttribute(parameter.attribute, recorded)
      left -= length
      if (truncated && limit < limits.value) {
        markTruncated(span, limits.total)
        return
      }
    }
  }

  /** Read from the source when the first call is recorded: most functions of a process never are. */
  #recorded (): RecordedParameter[] {
    const { names, exclude, include } = this.#settings
    const leftOut = new Set([...LEFT_OUT_PARAMETERS, ...exclude].map(comparable))
    for (const name of [...NEVER_LEFT_OUT_PARAMETERS, ...include]) leftOut.delete(comparable(name))
    const sources = names === undefined ? readParameters(this.#fn) : namedParameters(names)
    return sources.map(({ name, read }) => ({
      name,
      read,
      attribute: parameterAttribute(name),
      shown: leftOut.has(comparable(name)) ? 'summary' : 'value',
      budget: new TimeBudget()
    }))
  }
}

/** The lists have names as Python writes them: `agentState` is `agent_state`. */
function comparable (name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

interface RecordedValue {
  readonly recorded: AttributeValue
  /** Characters that count for the limit of all values. */
  readonly length: number
  readonly truncated: boolean
}

function recordedValue ({ name, shown, budget }: RecordedParameter, value: unknown, limits: Pick<ParameterLimits, 'value' | 'items'>): RecordedValue {
  if (isSecret(name, value)) return { recorded: REDACTED, length: 0, truncated: false }
  if (shown === 'summary' || (typeof value === 'object' && budget.isSpent)) return { recorded: excludedSummary(value), length: 0, truncated: false }
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return { recorded: value, length: 0, truncated: false }
  const start = performance.now()
  const { text, truncated, unbounded } = valueText(value, limits)
  if (unbounded === true) budget.spendSince(start)
  return { recorded: text, length: text.length, truncated }
}

function markTruncated (span: Span, total: number): void {
  span.setAttribute(ATTR_PARAMETERS_TRUNCATED, true)
  span.setAttribute(ATTR_PARAMETERS_TRUNCATED_REASON, `all values together are longer than ${total} chars`)
}
