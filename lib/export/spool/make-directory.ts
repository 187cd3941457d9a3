import { access, constants, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a directory for its owner alone, and those above it, where they do not exist.
 *
 * @throws what the file system says. Of one that is read-only, Node's own recursion says ENOENT: the real reason is asked for
 */
export async function makeDirectory (path: string, fileSystem: Pick<typeof import('node:fs/promises'), 'access' | 'mkdir'> = { access, mkdir }): Promise<void> {
  try {
    await fileSystem.mkdir(path, { recursive: true, mode: 0o700 })
  } catch (problem) {
    if (isMissing(problem)) await fileSystem.access(await nearestExisting(path, fileSystem), constants.W_OK)
    throw problem
  }
}

async function nearestExisting (path: string, { access }: Pick<typeof import('node:fs/promises'), 'access'>): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    if (at === dirname(at) || await access(at).then(() => true, problem => !isMissing(problem))) return at
  }
}

function isMissing (problem: unknown): boolean {
  return (problem as NodeJS.ErrnoException).code === 'ENOENT'
}
