import type { Command } from 'commander'
import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../../errors.ts'
import { readManifest } from '../../store/backup/manifest.ts'
import { restoreBackup } from '../../store/backup/restore-backup.ts'
import { isPlainName } from '../../store/sql-names.ts'
import { backupDirectory, progressTo, showComparisons, withBackups } from '../backup-context.ts'
import { outputOf, type CommandContext } from '../command-context.ts'

export function restoreCommand (context: CommandContext, store: Command): void {
  store.command('restore')
    .description('restore a backup into a database without rows, and compare what is there with what was backed up')
    .argument('<name>', 'name of the backup')
    .option('--into <database>', 'the database, which may be a new one (default: the one of the environment)')
    .option('--json', 'answer as JSON')
    .action(async (name: string, { into }: { into?: string }, command: Command) => {
      if (into !== undefined && !isPlainName(into)) {
        throw new LETTA_OTEL_INVALID_OPTION('--into', describeValue(into), 'use letters, digits and _, as otel_restored')
      }
      const output = outputOf(context, command)
      const manifest = await readManifest(backupDirectory(context), name)
      const comparisons = await withBackups(context, async engine => await restoreBackup(engine, manifest, into ?? engine.database, progressTo(output)))
      showComparisons(context, output, comparisons)
    })
}
