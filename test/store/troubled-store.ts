import type { Engine } from '../../lib/store/engine.ts'
import { jsonLines } from '../fixtures/sample-telemetry.ts'
import { troubledTelemetry } from '../fixtures/troubled-telemetry.ts'

/** Seconds since the epoch of a day ago, when five minutes were over: nothing else is written there. */
export const TROUBLED_END = Math.floor(Date.now() / 300_000) * 300 - 86_400

export async function insertTroubles (engine: Engine, end = TROUBLED_END): Promise<void> {
  for (const [table, rows] of Object.entries(troubledTelemetry(end))) await engine.insert(table, jsonLines(rows), rows.length)
}

/** Rows with values that are as good as equal to those expected, made equal to them: digests of quantiles and parts of 1 are not exact. */
export function nearly (rows: ReadonlyArray<Readonly<Record<string, unknown>>>, expected: ReadonlyArray<Readonly<Record<string, unknown>>>): object[] {
  return rows.map((row, index) => {
    const [value, wanted] = [row['value'], expected[index]?.['value']].map(Number)
    return Math.abs(value! - wanted!) <= 1e-9 * Math.abs(wanted!) ? { ...row, value: wanted } : row
  })
}
