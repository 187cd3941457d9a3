import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { Parser, type ReadEntry } from 'tar'

/** An archive is not what a release is. */
export class ArchiveFault extends Error {}

/** Of a regular file; the second is what it was called before POSIX. */
const FILES = ['File', 'OldFile']

/** What is wrong with an archive, or nothing: nobody puts these into a release. */
function complaint (entry: ReadEntry): string | undefined {
  const { path, type } = entry
  if (isAbsolute(path) || path.split(/[\\/]/).includes('..')) return `"${path}" would lie outside of the directory`
  if (type === 'Link' || type === 'SymbolicLink') return `"${path}" is a link`
  return undefined
}

/**
 * Writes one file of a compressed archive, and nothing else of it.
 *
 * @param target made, executable for its owner; on the disk when this is done
 * @param maxBytes of all that is in the archive
 * @throws {ArchiveFault} damaged, too large, without that file, or with links or paths that lead elsewhere; and what the disk says
 */
export async function unpackFile (archive: string, member: string, target: string, maxBytes: number): Promise<void> {
  const parser = new Parser({ strict: true })
  const { promise: parsed, resolve, reject } = Promise.withResolvers<void>()
  let bytes = 0
  let wanted: ReadEntry | undefined
  let written: Promise<void> | undefined
  parser.on('entry', (entry: ReadEntry) => {
    bytes += entry.size
    const reason = complaint(entry) ?? (bytes > maxBytes ? `it holds more than ${maxBytes} bytes` : undefined)
    if (reason !== undefined) reject(new ArchiveFault(reason))
    if (reason === undefined && wanted === undefined && entry.path === member && FILES.includes(entry.type)) {
      wanted = entry
      written = write(entry, target)
      written.catch(reject)
    } else {
      entry.resume()
    }
  })
  parser.on('end', resolve)
  parser.on('error', (problem: Error) => { reject(new ArchiveFault(problem.message)) })
  const source = createReadStream(archive).on('error', reject)
  source.pipe(parser as unknown as NodeJS.WritableStream)
  try {
    await parsed
    if (written === undefined) throw new ArchiveFault(`there is no file "${member}" in it`)
    await written
  } catch (problem) {
    source.destroy()
    // Whoever waits for more of it would wait for ever.
    wanted?.destroy(problem as Error)
    await written?.catch(() => {})
    throw problem
  }
}

async function write (entry: ReadEntry, target: string): Promise<void> {
  const file = await open(target, 'wx', 0o700)
  try {
    for await (const chunk of entry) await file.write(chunk)
    await file.sync()
  } finally {
    await file.close()
  }
}
