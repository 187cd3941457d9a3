import type { Command } from 'commander'
import { collectorSetup } from '../collector-setup.ts'
import { outputOf, type CommandContext } from '../command-context.ts'

export function collectorPrintConfigCommand (context: CommandContext, collector: Command): void {
  collector.command('print-config')
    .description('print a configuration as one text, to give to any collector; variables stay variables')
    .argument('[names or files...]', 'what is merged, in this order (default: what start would choose)')
    .action(async (config: string[], _options, command: Command) => {
      // Here alone YAML is read.
      const { mergeConfigurations } = await import('../../collector/merged-configuration.ts')
      const { selection } = collectorSetup(context, { config })
      const { name, featureGates } = selection
      const heading = [
        `# ${name}, as letta-otel starts it.`,
        ...featureGates.length === 0 ? [] : [`# Start the collector with --feature-gates=${featureGates.join(',')}`]
      ]
      outputOf(context, command).text(`${heading.join('\n')}\n${await mergeConfigurations(selection.files)}`)
    })
}
