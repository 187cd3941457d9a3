import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { makeDirectory } from '../../export/make-directory.ts'
import { isPlainName } from '../sql-names.ts'

/**
 * Where the engine puts backups: into the directory that its configuration allows (`backups.allowed_path`), or onto one of
 * its disks (`backups.allowed_disk`), which may be object storage.
 */
export type BackupPlace = { readonly kind: 'file' } | { readonly kind: 'disk', readonly disk: string }

/**
 * A place as it stands in SQL, where nothing can be bound.
 *
 * @param name one that `checkBackupName` let pass
 * @throws {TypeError} the disk's name is none
 */
export function placeText (place: BackupPlace, name: string): string {
  if (place.kind === 'file') return `File('${name}')`
  if (!isPlainName(place.disk)) throw new TypeError(`${JSON.stringify(place.disk.slice(0, 100))} is no name of a disk`)
  return `Disk('${place.disk}', '${name}')`
}

/**
 * Arguments with which the embedded engine may keep backups in a directory; it reads such permissions from a file only,
 * which is written there.
 */
export async function embeddedBackupArguments (directory: string): Promise<string[]> {
  const path = resolve(directory)
  await makeDirectory(path, 0o700)
  const file = join(path, '.chdb.xml')
  await writeFile(file, `<clickhouse><backups><allowed_path>${escapeXml(`${path}/`)}</allowed_path></backups></clickhouse>\n`, { mode: 0o600 })
  return [`--config-file=${file}`]
}

function escapeXml (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
