import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../store/engine.ts'
import { sizeOf } from './prune.ts'

const FILE = '.max-bytes'

export interface SizeLimitOptions {
  readonly path: string
  readonly maxBytes: number | false
  /** Whether somebody asked for it. */
  readonly changesMaxBytes: boolean
  readonly onProblem: (problem: string) => void
}

/**
 * Bytes of which more are deleted: those that are asked for, else those that were asked for last. A directory that nobody gave a limit
 * and that has more than the default loses nothing; whoever kept more and says nothing once would lose it.
 */
export async function sizeLimit (engine: Engine, { path, maxBytes, changesMaxBytes, onProblem }: SizeLimitOptions): Promise<number | undefined> {
  if (maxBytes === false) return undefined
  const file = join(path, FILE)
  if (!changesMaxBytes) {
    const remembered = Number(await readFile(file, 'utf8').catch(() => ''))
    if (Number.isInteger(remembered) && remembered > 0) return remembered
    const { bytes } = await sizeOf(engine)
    if (bytes > maxBytes) {
      onProblem(`${bytes} bytes are stored, more than the ${maxBytes} that are kept where nothing is said: nothing is deleted until a size is given (--max-gb)`)
      return undefined
    }
  }
  await writeFile(file, String(maxBytes), { mode: 0o600 })
  return maxBytes
}
