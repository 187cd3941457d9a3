import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

/**
 * The SHA-256 in a checksum file: alone, as the project releases it, or before the name of the archive, as `sha256sum` writes it.
 *
 * @returns nothing where there is none of this archive
 */
export function readChecksum (text: string, archive: string): string | undefined {
  for (const line of text.split('\n')) {
    const [, digest, name] = /^([0-9a-f]{64})(?:[ \t]+\*?(\S+))?\s*$/i.exec(line) ?? []
    if (digest !== undefined && (name ?? archive) === archive) return digest.toLowerCase()
  }
  return undefined
}

/** The SHA-256 of what is on the disk, in hexadecimal digits. */
export async function sha256Of (path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
