import { ExportResultCode, type ExportResult } from '@opentelemetry/core'
import type { Report } from './reporter.ts'

/** What became of one signal's telemetry since the runtime started. */
export interface ExportCounts {
  /** Spans or metric data points that the destination took. */
  exported: number
  /** Those that were dropped, for whatever reason. */
  failed: number
}

/** Counts what an exporter sends, and says once when it fails. */
export function countExports<Batch> (
  exporter: { export (batch: Batch, done: (result: ExportResult) => void): void },
  sizeOf: (batch: Batch) => number, counts: ExportCounts, onFailure: (error: Error | undefined) => void
): void {
  const send = exporter.export.bind(exporter)
  exporter.export = (batch, done) => {
    send(batch, result => {
      if (result.code === ExportResultCode.SUCCESS) counts.exported += sizeOf(batch)
      else {
        counts.failed += sizeOf(batch)
        onFailure(result.error)
      }
      done(result)
    })
  }
}

/** What to say about an export that failed: the system's code says more than a message with addresses and times. */
export function reportExportFailure (report: Report, signal: string, location: string): (error: Error | undefined) => void {
  return error => {
    // A destination that fails without an error has reported it itself.
    if (error === undefined) return
    const { code } = error as { code?: string | number }
    report(`${signal} cannot be exported to ${location}${code === undefined ? '' : ` (${code})`}: ` +
      'see that it is reachable and accepts OTLP over HTTP; this is said once')
  }
}
