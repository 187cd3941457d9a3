import type { Command } from 'commander'
import { addBinaryOption, findCollector, type CollectorOptions } from '../collector-setup.ts'
import { outputOf, type CommandContext } from '../command-context.ts'

export function collectorWhichCommand (context: CommandContext, collector: Command): void {
  addBinaryOption(collector.command('which'))
    .description('say which collector start would run')
    .option('--json', 'answer as JSON, with its version')
    .action(async (options: CollectorOptions, command: Command) => {
      const program = await findCollector(context, options)
      outputOf(context, command).answer(program, program.path)
    })
}
