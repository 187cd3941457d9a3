import { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { backupCommand } from './backup.ts'
import { migrateCommand } from './migrate.ts'
import { planCommand } from './plan.ts'
import { queryCommand } from './query.ts'
import { restoreCommand } from './restore.ts'
import { retentionCommand } from './retention.ts'
import { statusCommand } from './status.ts'
import { verifyCommand } from './verify.ts'

/** @param parent whose settings of output and exit are kept */
export function storeCommand (context: CommandContext, parent: Command): Command {
  const store = new Command('store').copyInheritedSettings(parent)
    .description('where telemetry and agents\' work are kept')
  for (const make of [migrateCommand, statusCommand, queryCommand, retentionCommand, backupCommand, restoreCommand, verifyCommand, planCommand]) {
    make(context, store)
  }
  return store
}
