import { SIGNALS, type Signal } from '../../export/parcel.ts'
import { loadReadOtlpJson, type ReadOtlpJson } from '../../export/read-otlp-json.ts'
import type { IngestFigures } from './ingest-stats.ts'
import type { Ingest } from './ingest.ts'

const SERVICE_NAME = 'letta-otel-dev'
/** What the Collector calls what it counts of each signal. */
const ITEMS: Readonly<Record<Signal, string>> = { traces: 'spans', metrics: 'metric_points', logs: 'log_records' }
const DELTA = 1

type Counts = ReadonlyMap<string, number>

/** The backend's own figures as metrics, under the Collector's names, in the tables that they are about. */
export class OwnMetrics {
  readonly #ingest: Ingest
  readonly #readJson: ReadOtlpJson
  #timer: NodeJS.Timeout | undefined
  #told: Counts
  #toldAt = Date.now()

  private constructor (ingest: Ingest, readJson: ReadOtlpJson, intervalMs: number) {
    this.#ingest = ingest
    this.#readJson = readJson
    this.#told = countsOf(ingest.figures)
    if (intervalMs > 0) this.#timer = setInterval(() => { this.#tell() }, intervalMs).unref()
  }

  /** @param intervalMs between two looks; 0 for none */
  static async start (ingest: Ingest, intervalMs: number): Promise<OwnMetrics> {
    return new OwnMetrics(ingest, await loadReadOtlpJson(), intervalMs)
  }

  /** Tells the last. */
  close (): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#tell()
  }

  /** Where nothing came, there is nothing to tell: a quiet backend writes nothing. */
  #tell (): void {
    const counts = countsOf(this.#ingest.figures)
    const now = Date.now()
    const metrics = [...counts].flatMap(([name, count]) => {
      const added = count - (this.#told.get(name) ?? 0)
      return added === 0 ? [] : [sumOf(name, added, this.#toldAt, now)]
    })
    if (metrics.length === 0) return
    this.#told = counts
    this.#toldAt = now
    this.#ingest.acceptOwn(this.#readJson('metrics', JSON.stringify({
      resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: SERVICE_NAME } }] }, scopeMetrics: [{ scope: { name: 'letta-otel' }, metrics }] }]
    })))
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
