import type { Command } from 'commander'
import { createBackup, LATEST } from '../../store/backup/create-backup.ts'
import { listManifests, type BackupManifest } from '../../store/backup/manifest.ts'
import { backupDirectory, progressTo, withBackups } from '../backup-context.ts'
import { outputOf, type CommandContext } from '../command-context.ts'

const COLUMNS = { name: 'text', database: 'text', kind: 'text', base: 'text', started_at: 'time', rows: 'count', bytes: 'bytes' } as const

interface Options {
  incremental?: string | true
  disk?: string
  list?: boolean
}

export function backupCommand (context: CommandContext, store: Command): void {
  store.command('backup')
    .description('back up the database with ClickHouse\'s BACKUP, and write down what is in it')
    .argument('[name]', 'name of the backup (default: <database>-<time>)')
    .option('--incremental [base]', 'only what changed since this backup, or since the newest')
    .option('--disk <name>', 'a disk of the server that its configuration allows for backups, in place of its backup directory')
    .option('--list', 'list the backups that were made')
    .option('--json', 'answer as JSON')
    .action(async (name: string | undefined, { incremental, disk, list }: Options, command: Command) => {
      const output = outputOf(context, command)
      const directory = backupDirectory(context)
      if (list === true) {
        const manifests = await listManifests(directory)
        output.rows(COLUMNS, manifests.map(rowOf), manifests)
        return
      }
      const manifest = await withBackups(context, async engine => await createBackup(engine, {
        directory,
        place: disk === undefined ? { kind: 'file' } : { kind: 'disk', disk },
        name,
        base: incremental === true ? LATEST : incremental,
        onProgress: progressTo(output)
      }))
      output.endProgress()
      output.rows(COLUMNS, [rowOf(manifest)], manifest)
    })
}

function rowOf ({ name, database, base, started_at: startedAt, bytes, tables }: BackupManifest): Record<keyof typeof COLUMNS, unknown> {
  return {
    name, database, kind: base === null ? 'full' : 'incremental', base, started_at: startedAt, rows: tables.reduce((sum, { rows }) => sum + rows, 0), bytes
  }
}
