import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LETTA_OTEL_STORE_BACKUP_FAILED, describeValue } from '../../errors.ts'
import { makeDirectory } from '../../export/make-directory.ts'
import type { BackupPlace } from './place.ts'

/** What one table held. */
export interface TableFingerprint {
  readonly table: string
  readonly rows: number
  /** Sum of a hash of each row, modulo 2⁶⁴, decimal: the same for the same rows in any order. */
  readonly checksum: string
}

/** What is known of a backup beside its files: kept on the machine that made it, in a file of its own. */
export interface BackupManifest {
  readonly format: 1
  readonly name: string
  /** The database it was made of. */
  readonly database: string
  readonly place: BackupPlace
  /** The backup that an incremental one stands on; null for a full one. */
  readonly base: string | null
  /** ISO 8601. */
  readonly started_at: string
  readonly finished_at: string
  /** Bytes that this backup wrote, without its base. */
  readonly bytes: number
  readonly tables: readonly TableFingerprint[]
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/
const ENDING = '.backup.json'

/** @throws LETTA_OTEL_STORE_BACKUP_FAILED the text could name a file elsewhere, or none */
export function checkBackupName (name: string): void {
  if (!NAME.test(name)) {
    throw new LETTA_OTEL_STORE_BACKUP_FAILED(describeValue(name), 'this is no name of a backup', 'use up to 100 letters, digits, "_", "-" and ".", a letter or digit first')
  }
}

/** Written whole or not at all, and readable by its owner alone. */
export async function writeManifest (directory: string, manifest: BackupManifest): Promise<void> {
  await makeDirectory(directory, 0o700)
  const path = join(directory, manifest.name + ENDING)
  await writeFile(`${path}.new`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
}

/** @throws LETTA_OTEL_STORE_BACKUP_FAILED there is none, or it is no manifest */
export async function readManifest (directory: string, name: string): Promise<BackupManifest> {
  checkBackupName(name)
  let text: string
  try {
    text = await readFile(join(directory, name + ENDING), 'utf8')
  } catch {
    throw new LETTA_OTEL_STORE_BACKUP_FAILED(name, `there is no manifest ${name}${ENDING}`, 'list the backups with: letta-otel store backup --list')
  }
  const manifest = parsed(text)
  if (manifest === undefined) throw new LETTA_OTEL_STORE_BACKUP_FAILED(name, 'its manifest cannot be read', `put ${name}${ENDING} back as it was written`)
  return manifest
}

/** Backups whose manifests are in a directory, the newest first; files that are none are left out. */
export async function listManifests (directory: string): Promise<BackupManifest[]> {
  const files = await readdir(directory).catch(() => [])
  const texts = await Promise.all(files.filter(file => file.endsWith(ENDING)).map(async file => await readFile(join(directory, file), 'utf8')))
  return texts.map(parsed).filter(manifest => manifest !== undefined)
    .sort((a, b) => b.started_at.localeCompare(a.started_at))
}

function parsed (text: string): BackupManifest | undefined {
  try {
    const manifest = JSON.parse(text) as BackupManifest
    return manifest.format === 1 && NAME.test(manifest.name) && Array.isArray(manifest.tables) ? manifest : undefined
  } catch {
    return undefined
  }
}
