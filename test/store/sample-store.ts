import { openStore, type Store } from '../../lib/store/open-store.ts'
import type { Engine } from '../../lib/store/engine.ts'
import { jsonLines, sampleTelemetry, type SampleSize } from '../fixtures/sample-telemetry.ts'

/** Nanoseconds since the epoch of a whole hour, two days ago: no retention is that short. */
export const SAMPLE_START = BigInt(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * 86_400_000) * 1_000_000n

/** A store in memory with the sample telemetry in it; closed with the test. */
export async function openSampleStore (t: { teardown (close: () => Promise<void>): unknown }, size: Partial<SampleSize> = {}): Promise<Store> {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  await insertSample(store.engine, size)
  return store
}

export async function insertSample (engine: Engine, size: Partial<SampleSize> = {}): Promise<void> {
  for (const [table, rows] of Object.entries(sampleTelemetry({ start: SAMPLE_START, ...size }))) {
    if (rows.length > 0) await engine.insert(table, jsonLines(rows), rows.length)
  }
}
