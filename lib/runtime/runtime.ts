import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import type { Resource } from '@opentelemetry/resources'
import type { LogLineBatches } from '../export/log-line-batches.ts'
import type { RuntimeOptions } from '../options.ts'
import type { SeriesMeter } from '../recorder/series-meter.ts'
import { ATTR_DEPLOYMENT_ENVIRONMENT_NAME, ATTR_LETTA_VERSION, ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '../vocabulary/attributes.ts'
import { instrumentDatabaseQueries } from './database-queries.ts'
import { openEngine, type Engine } from './engine.ts'
import { watchEventLoop } from './event-loop-metrics.ts'
import { freeGlobals, setFreeGlobals } from './globals.ts'
import { LogExport } from './log-export.ts'
import { openLogCarrier } from './open-carrier.ts'
import type { MemoryDestination } from './memory-destination.ts'
import { instrumentOutgoingRequests } from './outgoing-requests.ts'
import { composePropagator } from './propagators.ts'
import type { Report } from './reporter.ts'
import { composeResource } from './resource.ts'
import { ServerMetrics, type ObservedServer } from './server-metrics.ts'
import { withLogs, type RuntimeStats } from './telemetry-stats.ts'

/** Names the instrumentation scope of what is observed of servers. */
const SCOPE = 'letta-otel'
/** Tells of the event loop as the semantic conventions have it. */
const RUNTIME_INSTRUMENTATION = '@opentelemetry/instrumentation-runtime-node'

/**
 * All that telemetry of a process needs, put together: resource, sampler, propagators, providers, destination and
 * instrumentations. Globals that the application has set stay, and are what its telemetry goes through.
 */
export class Runtime {
  readonly options: RuntimeOptions
  readonly resource: Resource
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
  /** Whether spans are recorded here, not by a provider of the application's. */
  readonly recordsSpans: boolean
  /** Whether somebody may see metrics: here, or at a provider of the application's. */
  readonly recordsMetrics: boolean
  /** When everything that was asked for is instrumented; never rejects. */
  readonly ready: Promise<void>
  readonly #engine: Engine
  readonly #report: Report
  readonly #undo: ReadonlyArray<() => void>
  #logExport: LogExport | undefined
  #serverMetrics: ServerMetrics | undefined

  constructor (options: RuntimeOptions, report: Report) {
    this.options = options
    this.#report = report
    this.resource = composeResource(options)
    this.#engine = openEngine(options, this.resource, report)
    const free = freeGlobals()
    const takeBack = setFreeGlobals({
      tracerProvider: this.#engine.tracerProvider,
      meterProvider: this.#engine.meterProvider,
      contextManager: new AsyncLocalStorageContextManager().enable(),
      propagator: composePropagator(options.propagators, report)
    }, free)
    this.recordsSpans = free.traces
    this.recordsMetrics = !free.metrics || (options.signals.metrics && options.destination !== 'none')
    this.tracerProvider = free.traces ? this.#engine.tracerProvider : trace.getTracerProvider()
    this.meterProvider = free.metrics ? this.#engine.meterProvider : metrics.getMeterProvider()
    const queries = instrumentDatabaseQueries(options, this, free.traces, report)
    this.ready = queries.ready
    this.#undo = [instrumentOutgoingRequests(options, this, free.traces), () => { queries.stop() }, takeBack]
  }

  /** Where a person finds the telemetry. */
  get location (): string {
    return this.#engine.location
  }

  /** The engine's own instruments, if it has any and no application's meter provider stands before them. */
  seriesMeter (name: string): SeriesMeter | undefined {
    return this.meterProvider === this.#engine.meterProvider ? this.#engine.seriesMeter?.(name, this.version) : undefined
  }

  /**
   * Tells of what an application's server does, as metrics.
   *
   * @returns what ends it
   */
  observeServer (server: ObservedServer): () => void {
    this.#serverMetrics ??= this.#openServerMetrics()
    return this.#serverMetrics.observe(server)
  }

  #openServerMetrics (): ServerMetrics {
    const { destination, instrumentations } = this.options
    const meter = this.meterProvider.getMeter(SCOPE, this.version)
    // An application that has a provider of its own decides by itself what else it watches, and tests do not ask for it.
    const watches = this.meterProvider === this.#engine.meterProvider && destination !== 'memory'
    const brought = instrumentations !== false && instrumentations.some(({ instrumentationName }) => instrumentationName === RUNTIME_INSTRUMENTATION)
    return new ServerMetrics(meter, watches ? () => watchEventLoop(meter, !brought) : () => () => {})
  }

  /** Who the telemetry is about, as Datadog names it. */
  get service (): { service: string | undefined, env: string | undefined, version: string | undefined } {
    const text = (name: string): string | undefined => this.resource.attributes[name]?.toString()
    return { service: text(ATTR_SERVICE_NAME), env: text(ATTR_DEPLOYMENT_ENVIRONMENT_NAME), version: text(ATTR_SERVICE_VERSION) }
  }

  /** The version of this package. */
  get version (): string | undefined {
    return this.resource.attributes[ATTR_LETTA_VERSION]?.toString()
  }

  /** What is kept in memory, with destination 'memory'. */
  get memory (): MemoryDestination | undefined {
    return this.#engine.memory
  }

  /** Takes lines for `$LETTA_DIR/logs/Letta.log`. Started when it is first asked for. */
  get logFile (): LogLineBatches {
    return this.#logs().file
  }

  /** Takes lines that become log records; nothing where the destination takes none. Started when it is first asked for. */
  get logLines (): LogLineBatches | undefined {
    const { destination } = this.options
    return destination === 'otlp' || destination === 'files' ? this.#logs().records : undefined
  }

  #logs (): LogExport {
    const { carrier } = this.#engine
    this.#logExport ??= new LogExport(carrier ?? openLogCarrier(this.options, this.resource, this.#report), carrier === undefined)
    return this.#logExport
  }

  get stats (): RuntimeStats {
    const engine = this.#engine.stats
    const beside = this.#logExport?.stats
    return { ...beside === undefined ? engine : withLogs(engine, beside), logFileDroppedBytes: this.#logExport?.fileDroppedBytes ?? 0 }
  }

  /**
   * Sends everything that was recorded, for as long as `timeoutMs` allows. Never throws: what fails is counted and
   * reported.
   *
   * @returns whether everything left in time
   */
  async flush (timeoutMs: number): Promise<boolean> {
    return all(await Promise.all([
      this.#logExport?.flush(timeoutMs) ?? true,
      this.#engine.flush(timeoutMs)
    ]))
  }

  /** Ends the runtime for good and gives back the globals it had set. */
  async shutdown (timeoutMs: number): Promise<boolean> {
    for (const undo of this.#undo) undo()
    return all(await Promise.all([
      this.#logExport?.close(timeoutMs) ?? true,
      this.#engine.shutdown(timeoutMs)
    ]))
  }
}

function all (results: readonly boolean[]): boolean {
  return results.every(result => result)
}
