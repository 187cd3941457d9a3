import type { Command } from 'commander'
import { LETTA_OTEL_INVALID_OPTION } from '../../errors.ts'
import { readRetention, setRetention, type RetentionByTable } from '../../store/retention.ts'
import { outputOf, requireSchema, withEngine, type CommandContext } from '../command-context.ts'

interface Options {
  days?: string
  hotDays?: string
  storagePolicy?: string
  allowLoss?: boolean
}

export function retentionCommand (context: CommandContext, store: Command): void {
  store.command('retention')
    .description('show for how long rows are kept, or change it for one table')
    .argument('[table]', 'the table to change')
    .option('--days <days>', 'days until a row is deleted')
    .option('--hot-days <days>', 'days until a row goes to the volume "cold" of the storage policy')
    .option('--storage-policy <name>', 'name of the policy that has it')
    .option('--allow-loss', 'keep rows for a shorter time than today, and delete the older ones')
    .option('--json', 'answer as JSON')
    .action(async (table: string | undefined, options: Options, command: Command) => {
      const wanted = changeOf(table, options)
      const rows = await withEngine(context, async engine => {
        await requireSchema(engine)
        if (wanted !== undefined) {
          await setRetention(engine, wanted, { storagePolicy: options.storagePolicy, allowLoss: options.allowLoss === true })
        }
        return await readRetention(engine)
      })
      outputOf(context, command).rows({ table: 'text', days: 'count', hot_days: 'count' },
        rows.map(({ table, days, hotDays }) => ({ table, days: days ?? null, hot_days: hotDays ?? null })))
    })
}

function changeOf (table: string | undefined, { days, hotDays }: Options): RetentionByTable | undefined {
  if (table === undefined && days === undefined && hotDays === undefined) return undefined
  if (table === undefined) throw new LETTA_OTEL_INVALID_OPTION('--days', 'set without a table', 'name the table before it, as retention otel_logs --days 30')
  if (days === undefined) throw new LETTA_OTEL_INVALID_OPTION('--days', 'left out', `say for how long ${table} is kept`)
  return { [table]: { days: Number(days), ...(hotDays !== undefined && { hotDays: Number(hotDays) }) } }
}
