import { Command, CommanderError } from 'commander'
import { withoutSecrets } from '../collector/without-secrets.ts'
import type { CommandContext } from './command-context.ts'
import { alertsCommand } from './commands/alerts.ts'
import { collectorCommand } from './commands/collector.ts'
import { devCommand } from './commands/dev.ts'
import { doctorCommand } from './commands/doctor.ts'
import { storeCommand } from './commands/store.ts'
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.ts'

const HELP = `
Environment:
  CLICKHOUSE_ENDPOINT   URL of a ClickHouse server, as http://127.0.0.1:8123; without it, the store is embedded
  CLICKHOUSE_USERNAME, CLICKHOUSE_PASSWORD, CLICKHOUSE_CLUSTER
  CLICKHOUSE_DATABASE   name of the database (default: otel)
  LETTA_DEV_TOKEN       the token of letta-otel dev
  LETTA_DIR             where the embedded store (data/), manifests of backups (backups/) and the collector (bin/) are (default: ~/.letta)
  OTEL_EXPORTER_OTLP_*  where telemetry goes and how, for doctor
  LETTA_OTELCOL_*       of the collector: see docs/collector-launcher.md

Exit codes:
  0 done   1 failed, or a check of doctor did, or an alert fires   2 wrong command line or environment   3 the store or the collector does not answer   4 a backup is not what it was
`

/**
 * Runs one command line.
 *
 * @param words without those that name Node and the program
 * @returns the exit code
 */
export async function run (words: readonly string[], process: Omit<CommandContext, 'exit'>): Promise<number> {
  let code: number = EXIT.DONE
  const context: CommandContext = { ...process, exit: other => { code = other } }
  const program = new Command('letta-otel')
    .description('Tools of letta-otel: a local backend, the way of telemetry, the collector on it, and the store of it and of agents\' work.')
    .addHelpText('after', HELP)
    .configureOutput({ writeOut: text => { process.stdout.write(text) }, writeErr: text => { process.stderr.write(text) } })
    .exitOverride()
  devCommand(context, program)
  program.addCommand(doctorCommand(context, program))
  program.addCommand(storeCommand(context, program))
  program.addCommand(collectorCommand(context, program))
  program.addCommand(alertsCommand(context, program))
  try {
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (problem) {
    return failed(problem as Error & { code?: unknown }, process)
  }
}

/** One line, with the code that docs/options.md explains. */
function failed (problem: Error & { code?: unknown }, { stderr, env }: Omit<CommandContext, 'exit'>): ExitCode {
  // Commander has written what there was to say.
  if (problem instanceof CommanderError) return problem.exitCode === 0 ? EXIT.DONE : EXIT.USAGE
  const code = typeof problem.code === 'string' ? problem.code : 'ERROR'
  stderr.write(`letta-otel: ${code}: ${withoutSecrets(problem.message, env).split('\n')[0]}\n`)
  return exitCodeOf(code)
}
