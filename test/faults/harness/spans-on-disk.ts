import { globSync } from 'node:fs'
import { join } from 'node:path'
import { SegmentReader } from '../../../lib/export/spool/segment-reader.ts'
import { spansIn } from './span-ids.ts'

/** Ids of the spans in all segments of the application's spool, as a reader finds them. */
export async function spansOnDisk (lettaDirectory: string): Promise<string[]> {
  const directory = join(lettaDirectory, 'spool/faults/traces')
  const ids: string[] = []
  for (const file of globSync('*.{open,sealed,held-*}', { cwd: directory })) {
    const reader = await SegmentReader.open(join(directory, file))
    for (let record = await reader.peek(); typeof record === 'object'; record = await reader.peek()) {
      ids.push(...spansIn(record.body).map(({ id }) => id))
      reader.step(record.end)
    }
    await reader.close()
  }
  return ids
}
