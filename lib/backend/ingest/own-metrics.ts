import { SIGNALS, type Signal } from '../../export/parcel.ts'
import { loadReadOtlpJson, type ReadOtlpJson } from '../../export/read-otlp-json.ts'
import type { IngestFigures } from './ingest-stats.ts'
import type { Ingest } from './ingest.ts'
import { TooMuchWaits } from './too-much-waits.ts'

const SERVICE_NAME = 'letta-otel-dev'
/** What the Collector calls what it counts of each signal. */
const ITEMS: Readonly<Record<Signal, string>> = { traces: 'spans', metrics: 'metric_points', logs: 'log_records' }
const DELTA = 1

type OwnIngest = Pick<Ingest, 'figures' | 'acceptOwn'>

export interface OwnMetricsOptions {
  /** Milliseconds between two looks; 0 for none. */
  readonly intervalMs: number
  /** Told in words of what went wrong. */
  readonly onProblem: (problem: string) => void
}

type Counts = ReadonlyMap<string, number>

/** The backend's own figures as metrics, under the Collector's names, in the tables that they are about. */
export class OwnMetrics {
  readonly #ingest: OwnIngest
  readonly #readJson: ReadOtlpJson
  readonly #onProblem: (problem: string) => void
  #timer: NodeJS.Timeout | undefined
  #told: Counts
  #toldAt = Date.now()

  private constructor (ingest: OwnIngest, readJson: ReadOtlpJson, { intervalMs, onProblem }: OwnMetricsOptions) {
    this.#ingest = ingest
    this.#onProblem = onProblem
    this.#readJson = readJson
    this.#told = countsOf(ingest.figures)
    if (intervalMs > 0) this.#timer = setInterval(() => { this.#tell() }, intervalMs).unref()
  }

  static async start (ingest: OwnIngest, options: OwnMetricsOptions): Promise<OwnMetrics> {
    return new OwnMetrics(ingest, await loadReadOtlpJson(), options)
  }

  /** Tells the last. */
  close (): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#tell()
  }

  /** Nobody could catch what a timer throws, and nothing of this is worth ending for: what could not be told is told with the next. */
  #tell (): void {
    try {
      this.#tellChanges()
    } catch (problem) {
      if (!(problem instanceof TooMuchWaits)) this.#onProblem(`the backend's own metrics cannot be stored: ${(problem as Error).message}`)
    }
  }

  /** Where nothing came, there is nothing to tell: a quiet backend writes nothing. */
  #tellChanges (): void {
    const counts = countsOf(this.#ingest.figures)
    const now = Date.now()
    const metrics = [...counts].flatMap(([name, count]) => {
      const added = count - (this.#told.get(name) ?? 0)
      return added === 0 ? [] : [sumOf(name, added, this.#toldAt, now)]
    })
    if (metrics.length === 0) return
    this.#ingest.acceptOwn(this.#readJson('metrics', JSON.stringify({
      resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: SERVICE_NAME } }] }, scopeMetrics: [{ scope: { name: 'letta-otel' }, metrics }] }]
    })))
    this.#told = counts
    this.#toldAt = now
  }
}

function countsOf ({ received, rejected, lost, refusedRequests }: IngestFigures): Counts {
  return new Map(SIGNALS.flatMap(signal => [
    [`otelcol_receiver_accepted_${ITEMS[signal]}`, received[signal]],
    [`otelcol_receiver_refused_${ITEMS[signal]}`, rejected[signal]],
    [`otelcol_exporter_send_failed_${ITEMS[signal]}`, lost[signal]],
    [`letta_otel.backend.refused_requests.${signal}`, refusedRequests[signal]]
  ] as const))
}

function sumOf (name: string, added: number, since: number, now: number): object {
  const dataPoints = [{ startTimeUnixNano: `${since}000000`, timeUnixNano: `${now}000000`, asInt: String(added) }]
  return { name, unit: name.includes('requests') ? '{request}' : '{item}', sum: { aggregationTemporality: DELTA, isMonotonic: true, dataPoints } }
}
