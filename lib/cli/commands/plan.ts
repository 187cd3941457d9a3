import type { Command } from 'commander'
import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../../errors.ts'
import { measureFootprints, planStorage, planTotal, type RunFootprint } from '../../store/plan.ts'
import { outputOf, requireSchema, withEngine, type CommandContext } from '../command-context.ts'

interface Options {
  runsPerDay: string
  days: string
  pricePerGb: string
  bytesPerRun?: string
  compression: string
}

export function planCommand (context: CommandContext, store: Command): void {
  store.command('plan')
    .description('estimate how large the store will be, from the bytes that its runs have left so far')
    .requiredOption('--runs-per-day <number>', 'agent runs a day')
    .option('--days <number>', 'days that are planned for; a shorter retention counts', '90')
    .option('--price-per-gb <dollars>', 'US dollars a month for 10⁹ bytes', '0.1')
    .option('--bytes-per-run <bytes>', 'what a run leaves before compression, in place of measuring')
    .option('--compression <times>', 'how many times smaller that gets', '8')
    .option('--json', 'answer as JSON')
    .action(async (options: Options, command: Command) => {
      const runsPerDay = numberOf('--runs-per-day', options.runsPerDay)
      const days = numberOf('--days', options.days)
      const pricePerGb = numberOf('--price-per-gb', options.pricePerGb)
      const tables = planStorage({ footprints: await footprintsOf(context, options), runsPerDay, days, pricePerGb })
      const total = planTotal(tables)
      outputOf(context, command).rows(
        { table: 'text', days: 'count', bytes_per_run: 'bytes', raw_bytes: 'bytes', bytes: 'bytes', monthly_cost_usd: 'dollars' },
        [...tables, total], { tables, total })
    })
}

async function footprintsOf (context: CommandContext, { bytesPerRun, compression }: Options): Promise<RunFootprint[]> {
  if (bytesPerRun !== undefined) {
    const raw = numberOf('--bytes-per-run', bytesPerRun)
    return [{ table: 'runs', raw_bytes_per_run: raw, bytes_per_run: raw / numberOf('--compression', compression), days: undefined }]
  }
  const measured = await withEngine(context, async engine => {
    await requireSchema(engine)
    return await measureFootprints(engine)
  })
  if (measured.length > 0) return measured
  throw new LETTA_OTEL_INVALID_OPTION('--bytes-per-run', 'left out', 'there is no run in the store yet to measure; as a guess, use 10000')
}

function numberOf (option: string, text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && number > 0 && number < Infinity) return number
  throw new LETTA_OTEL_INVALID_OPTION(option, describeValue(text), 'use a number above 0')
}
