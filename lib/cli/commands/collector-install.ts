import type { Command } from 'commander'
import { addMirrorOption, installWith, type CollectorOptions } from '../collector-setup.ts'
import { outputOf, type CommandContext } from '../command-context.ts'

export function collectorInstallCommand (context: CommandContext, collector: Command): void {
  addMirrorOption(collector.command('install'))
    .description('install the release of the Collector that this version is made for, verified by its checksum')
    .option('--json', 'answer as JSON')
    .action(async (options: CollectorOptions, command: Command) => {
      const output = outputOf(context, command)
      const installation = await installWith(context, options, output)
      const { version, path, fetched } = installation
      output.answer(installation, `collector ${version} ${fetched ? 'is installed' : 'was installed before'}: ${path}`)
    })
}
