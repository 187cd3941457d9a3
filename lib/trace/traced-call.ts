import { SpanStatusCode, type Attributes, type Context, type Span, type SpanStatus } from '@opentelemetry/api'
import { ambientScopeOf, type ErrorLog } from '../ambient/context-attributes.ts'
import { ATTR_ERROR_TYPE, ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE, ATTR_EXCEPTION_TYPE } from '../vocabulary/attributes.ts'
import { ATTR_CANCELLATION_TIMESTAMP, ATTR_FUNCTION_MODULE, ATTR_FUNCTION_NAME, ATTR_TASK_NAME } from '../vocabulary/method-tracing.ts'
import { failureOf, isCancellation, type Failure } from './failure.ts'
import type { ObservedCall } from './observe-result.ts'

const OK: SpanStatus = Object.freeze({ code: SpanStatusCode.OK })

/** What is said of a function whose call was cancelled. */
export interface CallFacts {
  readonly functionName: string
  readonly module: string | undefined
  /** Where the line about it goes, where no request is served. */
  readonly logger: ErrorLog | undefined
}

/** One call that is recorded. Its span ends once, here, whichever of several ends comes first. */
export class TracedCall implements ObservedCall {
  /** In which the function runs. */
  readonly context: Context
  readonly #span: Span
  readonly #name: string
  readonly #facts: CallFacts
  #args: readonly unknown[] | undefined

  constructor (span: Span, name: string, context: Context, facts: CallFacts, args: readonly unknown[]) {
    this.#span = span
    this.#name = name
    this.context = context
    this.#facts = facts
    this.#args = args
  }

  succeed (): void {
    if (this.#args === undefined) return
    this.#args = undefined
    try {
      this.#span.setStatus(OK)
      this.#span.end()
    } catch {
      // A span of the application's own provider may throw: its method did what it had to.
    }
  }

  /** A method gave what it had to, whoever takes how much of it. */
  stop (): void {
    this.succeed()
  }

  /** Neither that it went well can be said, nor that it failed. */
  abandon (): void {
    if (this.#args === undefined) return
    this.#args = undefined
    try {
      this.#span.end()
    } catch {
      // As above.
    }
  }

  fail (thrown: unknown): void {
    const args = this.#args
    if (args === undefined) return
    this.#args = undefined
    try {
      const failure = failureOf(thrown)
      const cancelled = isCancellation(thrown, args)
      this.#span.addEvent('exception', { ...exceptionAttributes(failure), ...(cancelled && this.#cancellationAttributes()) })
      this.#span.setAttribute(ATTR_ERROR_TYPE, failure.type)
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message })
      this.#span.end()
      if (cancelled) this.#logCancellation(thrown)
    } catch {
      // Such a span, or a logger: the caller shall see what its method threw.
    }
  }

  #cancellationAttributes (): Attributes {
    const { functionName, module } = this.#facts
    return {
      [ATTR_TASK_NAME]: this.#name,
      [ATTR_FUNCTION_NAME]: functionName,
      ...(module !== undefined && { [ATTR_FUNCTION_MODULE]: module }),
      [ATTR_CANCELLATION_TIMESTAMP]: new Date().toISOString()
    }
  }

  #logCancellation (thrown: unknown): void {
    const log = ambientScopeOf(this.context)?.log ?? this.#facts.logger
    log?.error({ err: thrown, ...this.#cancellationAttributes() }, `${this.#name} was cancelled`)
  }
}

function exceptionAttributes ({ type, message, stack }: Failure): Attributes {
  return { [ATTR_EXCEPTION_TYPE]: type, [ATTR_EXCEPTION_MESSAGE]: message, ...(stack !== '' && { [ATTR_EXCEPTION_STACKTRACE]: stack }) }
}
