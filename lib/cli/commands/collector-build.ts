import { homedir } from 'node:os'
import type { Command } from 'commander'
import { outputOf, type CommandContext } from '../command-context.ts'

export function collectorBuildCommand (context: CommandContext, collector: Command): void {
  collector.command('build')
    .description('build a collector of nothing but what the configurations need; takes Go and several minutes, once')
    .option('--datadog', 'with Datadog\'s exporter, for clickhouse-prod')
    .option('--json', 'answer as JSON')
    .action(async (options: { datadog?: boolean }, command: Command) => {
      const { buildDistribution } = await import('../../collector/build-distribution.ts')
      const output = outputOf(context, command)
      const path = await buildDistribution(options.datadog === true ? 'distribution-datadog' : 'distribution', {
        env: context.env, homeDirectory: homedir(), onProgress: line => { context.stderr.write(`${line}\n`) }
      })
      output.answer({ path }, path)
    })
}
