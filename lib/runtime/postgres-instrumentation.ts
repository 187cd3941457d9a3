import { createNoopMeter, type Attributes, type Histogram, type Meter, type MeterProvider, type Span, type SpanStatus } from '@opentelemetry/api'
import type { InstrumentationModuleDefinition } from '@opentelemetry/instrumentation'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { ATTR_DB_OPERATION_NAME, ATTR_DB_QUERY_TEXT } from '../vocabulary/attributes.ts'
import { STATEMENT_MAX_LENGTH } from '../vocabulary/database.ts'
import type { LoadedModule } from './loaded-modules.ts'

/** Query spans of `pg`, with bounded statements and without anything that a server may quote of a query's values. */
export class PostgresInstrumentation extends PgInstrumentation {
  declare private definitions: readonly InstrumentationModuleDefinition[]
  readonly #undo: Array<() => void> = []

  constructor () {
    super({ requestHook: (span, { query, connection }) => { describeQuery(span, query.text, query.name, connection.database) } })
  }

  override init (): ReturnType<PgInstrumentation['init']> {
    const definitions = super.init()
    this.definitions = definitions
    return definitions
  }

  /** Modules that were loaded before: the hook on `require()` hears of a module once, and of these never. */
  patchLoaded (modules: readonly LoadedModule[]): void {
    for (const { name, exports } of modules) {
      const definition = this.definitions.find(one => one.name === name)
      if (definition === undefined || definition.moduleExports === exports) continue
      definition.patch?.(exports)
      this.#undo.push(() => { definition.unpatch?.(exports) })
    }
  }

  override disable (): void {
    super.disable()
    for (const undo of this.#undo.splice(0)) undo()
  }

  override setMeterProvider (provider: MeterProvider): void {
    super.setMeterProvider({ getMeter: (...names) => operationMeter(provider.getMeter(...names)) })
  }
}

function describeQuery (span: Span, text: string, name: string | undefined, database: string | undefined): void {
  span.setAttribute(ATTR_DB_QUERY_TEXT, text.slice(0, STATEMENT_MAX_LENGTH))
  if (name === undefined || name === '') span.updateName(`pg.query:${operationOf(text)}${database === undefined ? '' : ` ${database}`}`)
  // The message of an error quotes values: 'invalid input syntax for type integer: "…"'. Its code is in the exception event.
  const setStatus = span.setStatus.bind(span)
  span.setStatus = ({ code }: SpanStatus) => setStatus({ code })
}

/** Longer than any SQL command. */
const COMMAND_MAX_LENGTH = 32

/** The first word of a statement; the instrumentation takes all of it where no space follows, a line break say. */
function operationOf (text: string): string {
  return /^[\s(]*([a-z]+)/i.exec(text.slice(0, STATEMENT_MAX_LENGTH))?.[1]?.slice(0, COMMAND_MAX_LENGTH).toUpperCase() ?? 'QUERY'
}

/**
 * The duration of operations, with the operation's name as it is in the span. The instrumentation counts the connections of
 * all pools together, which is right for one pool only; `monitorPool` counts those of each.
 */
function operationMeter (meter: Meter): Meter {
  const operations = Object.create(createNoopMeter()) as Meter
  operations.createHistogram = (...facts) => withOperationNames(meter.createHistogram(...facts))
  return operations
}

function withOperationNames (histogram: Histogram): Histogram {
  const named = Object.create(histogram) as Histogram
  named.record = (value, attributes: Attributes = {}, context) => {
    const operation = attributes[ATTR_DB_OPERATION_NAME]
    histogram.record(value, typeof operation === 'string' ? { ...attributes, [ATTR_DB_OPERATION_NAME]: operationOf(operation) } : attributes, context)
  }
  return named
}
