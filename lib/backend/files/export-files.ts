import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../../export/make-directory.ts'
import type { Signal } from '../../export/parcel.ts'
import type { Engine } from '../../store/engine.ts'
import { quoteName } from '../../store/sql-names.ts'
import { EXPORTED, requestOf, type Row, type TableForm } from './rows-to-json.ts'

/** What was written to one file. */
export interface ExportedFile {
  readonly path: string
  readonly rows: number
}

/** Rows of one request, and so of one line. */
const ROWS_A_LINE = 2_000

/**
 * Writes all telemetry of a store to `traces.json`, `metrics.json` and `logs.json` in a directory, one request of OTLP JSON a line.
 *
 * @throws {Error} one of the files is there already, or cannot be written
 */
export async function exportFiles (engine: Engine, directory: string): Promise<ExportedFile[]> {
  await makeDirectory(directory)
  const files: ExportedFile[] = []
  for (const signal of ['traces', 'metrics', 'logs'] satisfies Signal[]) {
    const path = join(directory, `${signal}.json`)
    const file = await open(path, 'wx', 0o600)
    let rows = 0
    try {
      for (const [table, form] of Object.entries(EXPORTED)) if (form.signal === signal) rows += await exportTable(engine, table, form, file)
    } finally {
      await file.close()
    }
    files.push({ path, rows })
  }
  return files
}

/** Part by part, and of each a few rows at a time: no more than these are in memory, and none is sought for. */
async function exportTable (engine: Engine, table: string, form: TableForm, file: FileHandle): Promise<number> {
  const name = `${quoteName(engine.database)}.${quoteName(table)}`
  await engine.command(`SYSTEM STOP MERGES ${name}`)
  try {
    const parts = await engine.query<{ part: string, rows: string }>(
      'SELECT name AS part, rows FROM system.parts WHERE database = {database:String} AND table = {table:String} AND active ORDER BY min_block_number',
      { database: engine.database, table })
    let count = 0
    for (const { part, rows } of parts) {
      for (let start = 0; start < Number(rows); start += ROWS_A_LINE) {
        const found = await engine.query<Row>(
          `SELECT * REPLACE (${replacements(form)}) FROM ${name} WHERE _part = {part:String} AND _part_offset >= {start:UInt64} AND _part_offset < {end:UInt64}`,
          { part, start, end: start + ROWS_A_LINE },
          { settings: { output_format_json_quote_denormals: 1 } })
        if (found.length > 0) await file.write(`${JSON.stringify(requestOf(form, found))}\n`)
        count += found.length
      }
    }
    return count
  } finally {
    await engine.command(`SYSTEM START MERGES ${name}`)
  }
}

function replacements ({ times, timeLists }: TableForm): string {
  return [
    ...times.map(name => `toUnixTimestamp64Nano(${quoteName(name)}) AS ${quoteName(name)}`),
    ...timeLists.map(name => `arrayMap(time -> toUnixTimestamp64Nano(time), ${quoteName(name)}) AS ${quoteName(name)}`)
  ].join(', ')
}
