import type { Command } from 'commander'
import { migrate, schemaStatus } from '../../store/migrate.ts'
import { outputOf, withEngine, type CommandContext } from '../command-context.ts'

export function migrateCommand (context: CommandContext, store: Command): void {
  store.command('migrate')
    .description('make the tables, or bring them to the schema of this version')
    .option('--json', 'answer as JSON')
    .action(async (_options, command: Command) => {
      const output = outputOf(context, command)
      const { pending, known } = await withEngine(context, async engine => {
        const before = await schemaStatus(engine)
        output.progress('making tables')
        await migrate(engine)
        return before
      })
      output.endProgress()
      if (pending.length > 0 || output.json) output.rows({ version: 'count', name: 'text' }, pending, { schema_version: known, applied: pending })
      output.say(`schema version ${known}`)
    })
}
