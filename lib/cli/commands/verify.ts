import type { Command } from 'commander'
import { readManifest } from '../../store/backup/manifest.ts'
import { verifyBackup } from '../../store/backup/verify-backup.ts'
import { backupDirectory, progressTo, showComparisons, withBackups } from '../backup-context.ts'
import { outputOf, type CommandContext } from '../command-context.ts'

export function verifyCommand (context: CommandContext, store: Command): void {
  store.command('verify')
    .description('restore a backup into a scratch database, read all of it, and compare it with what was backed up')
    .argument('<name>', 'name of the backup')
    .option('--json', 'answer as JSON')
    .action(async (name: string, _options, command: Command) => {
      const output = outputOf(context, command)
      const manifest = await readManifest(backupDirectory(context), name)
      const comparisons = await withBackups(context, async engine => await verifyBackup(engine, manifest, progressTo(output)))
      showComparisons(context, output, comparisons)
    })
}
