import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { LETTA_OTEL_FILE_UNREADABLE } from '../../errors.ts'
import type { Signal } from '../../export/parcel.ts'
import { loadReadOtlpJson } from '../../export/read-otlp-json.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { TooMuchWaits } from '../ingest/too-much-waits.ts'
import type { Rejections } from '../otlp/rejections.ts'

/** What became of a file. */
export interface ImportedFile {
  readonly lines: number
  /** Spans, data points and log records that were taken. */
  readonly rows: number
  /** Of which no row can be made. */
  readonly rejected: number
}

const SIGNAL_OF_FIELD: Readonly<Record<string, Signal>> = { resourceSpans: 'traces', resourceMetrics: 'metrics', resourceLogs: 'logs' }
const FIELD = /^\s*\{\s*"(resourceSpans|resourceMetrics|resourceLogs)"/

/**
 * Reads a file with a request of OTLP JSON a line, of any signal: `traces.json` and its likes, and what the Collector's file exporter
 * writes.
 *
 * @throws {LETTA_OTEL_FILE_UNREADABLE} it cannot be read, or a line is no such request; lines before it were taken
 */
export async function importFile (path: string, ingest: Ingest): Promise<ImportedFile> {
  const readJson = await loadReadOtlpJson()
  const before = rowsOf(ingest)
  let number = 0
  let rejected = 0
  try {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      number += 1
      if (line.trim() === '') continue
      const signal = SIGNAL_OF_FIELD[FIELD.exec(line)?.[1] ?? '']
      if (signal === undefined) throw new TypeError('it begins with none of resourceSpans, resourceMetrics and resourceLogs')
      rejected += (await acceptInTime(ingest, signal, readJson(signal, line))).count
      if (ingest.isBehind) await ingest.flush()
    }
  } catch (problem) {
    const where = number === 0 ? path : `${path}, line ${number}`
    throw new LETTA_OTEL_FILE_UNREADABLE(where, (problem as Error).message.slice(0, 300))
  }
  await ingest.flush()
  return { lines: number, rows: rowsOf(ingest) - before, rejected }
}

/** A file has time. */
async function acceptInTime (ingest: Ingest, signal: Signal, request: Uint8Array): Promise<Rejections> {
  try {
    return ingest.accept(signal, request)
  } catch (problem) {
    if (!(problem instanceof TooMuchWaits)) throw problem
    await ingest.flush()
    return ingest.accept(signal, request)
  }
}

function rowsOf ({ figures: { received } }: Ingest): number {
  return received.traces + received.metrics + received.logs
}
