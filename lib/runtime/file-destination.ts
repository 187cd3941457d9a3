import { ExportResultCode, type ExportResult } from '@opentelemetry/core'
import { JsonMetricsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { join } from 'node:path'
import { RotatingFile } from '../export/rotating-file.ts'
import type { RuntimeOptions } from '../options.ts'
import type { Destination } from './destination.ts'
import type { Report } from './reporter.ts'
import { temporalitySelector } from './temporality.ts'

/** The rotation of Letta's collector configurations. */
const ROTATION = { megabytes: 100, backups: 5, days: 7 }

const decoder = new TextDecoder()

/** `$LETTA_DIR/logs/traces.json` and `metrics.json`: one OTLP JSON request a line, as the collector's file exporter writes. */
export class FileDestination implements Destination {
  readonly spanExporter: SpanExporter
  readonly metricExporter: PushMetricExporter
  readonly location: string
  readonly #files: readonly RotatingFile[]

  constructor ({ lettaDirectory, temporality }: RuntimeOptions, report: Report) {
    this.location = join(lettaDirectory, 'logs')
    const onProblem = (problem: Error): void => { report(`telemetry cannot be written to ${this.location}: ${problem.message}`) }
    const traces = new RotatingFile(join(this.location, 'traces.json'), ROTATION, onProblem)
    const metrics = new RotatingFile(join(this.location, 'metrics.json'), ROTATION, onProblem)
    this.#files = [traces, metrics]
    this.spanExporter = {
      export: (spans: ReadableSpan[], done: Done) => { writeLine(traces, () => JsonTraceSerializer.serializeRequest(spans), done) },
      forceFlush: () => traces.flush(),
      shutdown: () => traces.close()
    }
    this.metricExporter = {
      export: (resourceMetrics: ResourceMetrics, done: Done) => { writeLine(metrics, () => JsonMetricsSerializer.serializeRequest(resourceMetrics), done) },
      forceFlush: () => metrics.flush(),
      shutdown: () => metrics.close(),
      selectAggregationTemporality: temporalitySelector(temporality)
    }
  }

  async flush (): Promise<void> {
    await Promise.all(this.#files.map(async file => { await file.flush() }))
  }

  async close (): Promise<void> {
    await Promise.all(this.#files.map(async file => { await file.close() }))
  }
}

type Done = (result: ExportResult) => void

/** A batch can be too large for one text; that is a failure like any other. */
function writeLine (file: RotatingFile, serialize: () => Uint8Array | undefined, done: Done): void {
  const onWritten = (written: boolean): void => { done({ code: written ? ExportResultCode.SUCCESS : ExportResultCode.FAILED }) }
  try {
    const request = serialize()
    if (request !== undefined) return file.write(`${decoder.decode(request)}\n`, onWritten)
    onWritten(false)
  } catch (error) {
    done({ code: ExportResultCode.FAILED, error: error as Error })
  }
}
