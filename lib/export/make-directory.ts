import { mkdirSync, statSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

// Node's own recursion makes the parent for as long as the file system says ENOENT, which some, `/proc` for one, say of every
// name: it would never end. And of a file system that is read-only it says ENOENT, where one step at a time is told EROFS.

/**
 * Makes a directory, and those above it, where they do not exist.
 *
 * @param mode permissions of each that is made
 * @throws what the file system says
 */
export async function makeDirectory (path: string, mode = 0o777): Promise<void> {
  try {
    await makeOne(path, mode)
  } catch (problem) {
    const parent = dirname(path)
    if (!isMissing(problem) || parent === path) throw problem
    await makeDirectory(parent, mode)
    await makeOne(path, mode)
  }
}

/** The same, at once. */
export function makeDirectorySync (path: string, mode = 0o777): void {
  try {
    makeOneSync(path, mode)
  } catch (problem) {
    const parent = dirname(path)
    if (!isMissing(problem) || parent === path) throw problem
    makeDirectorySync(parent, mode)
    makeOneSync(path, mode)
  }
}

async function makeOne (path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (problem) {
    // Which error says that a directory is there already depends on the system.
    if (isMissing(problem) || !await stat(path).then(found => found.isDirectory(), () => false)) throw problem
  }
}

function makeOneSync (path: string, mode: number): void {
  try {
    mkdirSync(path, { mode })
  } catch (problem) {
    if (isMissing(problem) || !isDirectorySync(path)) throw problem
  }
}

function isDirectorySync (path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function isMissing (problem: unknown): boolean {
  return (problem as NodeJS.ErrnoException).code === 'ENOENT'
}
