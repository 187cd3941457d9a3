import { readdir } from 'node:fs/promises'
import type { Setting } from './settings.ts'

/** Starting takes less, with what a collector waits for its queue. */
const START_MS = 20_000

/**
 * What to make of a collector that ended soon after it was started: of a queue that another one has, its own words are
 * "timeout" and no more.
 *
 * @returns undefined where there is nothing to say
 */
export async function adviceOnEnd (code: number, milliseconds: number, settings: readonly Setting[]): Promise<string | undefined> {
  const queue = settings.find(({ name }) => name === 'LETTA_OTELCOL_QUEUE_DIR')
  if (code !== 1 || milliseconds > START_MS || queue === undefined || !await hasFiles(queue.value)) return undefined
  return `where the collector's last words are of a timeout, another collector has ${queue.value}: one at a time can. End that one, or set ${queue.name} to another directory`
}

async function hasFiles (directory: string): Promise<boolean> {
  return await readdir(directory).then(({ length }) => length > 0, () => false)
}
