import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The path itself where something is there, else what is nearest above it. */
export async function nearestDirectory (path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    if (at === dirname(at) || await stat(at).then(() => true, (problem: NodeJS.ErrnoException) => problem.code !== 'ENOENT')) return at
  }
}
