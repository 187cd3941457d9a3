import { Command } from 'commander'
import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../../errors.ts'
import { outputOf, type CommandContext } from '../command-context.ts'
import { EXIT } from '../exit-codes.ts'

interface Options {
  endpoint?: string
  health?: string
  metrics?: string
  timeout: string
}

/** @param parent whose settings of output and exit are kept */
export function doctorCommand (context: CommandContext, parent: Command): Command {
  return new Command('doctor').copyInheritedSettings(parent)
    .description('check the whole way of telemetry, and say what to do about what is wrong')
    .option('--endpoint <url>', 'where OTLP goes (default: as the environment says)')
    .option('--health <url>', "the collector's health check (default: port 13133, or LETTA_OTELCOL_HEALTH_PORT, of the endpoint's host)")
    .option('--metrics <url>', "the collector's own metrics (default: port 8888, or LETTA_OTELCOL_METRICS_PORT, of the endpoint's host)")
    .option('--timeout <seconds>', 'how long anything may take to answer', '10')
    .option('--json', 'answer as JSON')
    .action(async ({ endpoint, health, metrics, timeout }: Options, command: Command) => {
      const output = outputOf(context, command)
      const timeoutMs = secondsOf(timeout) * 1_000
      const collector = { ...health !== undefined && { health: urlOf('--health', health) }, ...metrics !== undefined && { metrics: urlOf('--metrics', metrics) } }
      // The OpenTelemetry SDK takes its time to load, which other commands do not need.
      const [{ runChecks }, { reportText }] = await Promise.all([import('../doctor/run-checks.ts'), import('../doctor/report-text.ts')])
      const report = await runChecks({ env: context.env, endpoint: endpoint === undefined ? undefined : urlOf('--endpoint', endpoint), collector, timeoutMs })
      output.answer(report, reportText(report))
      if (report.status === 'failure') context.exit(EXIT.FAILED)
    })
}

function secondsOf (text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && seconds > 0 && seconds <= SECONDS_MAX) return seconds
  throw new LETTA_OTEL_INVALID_OPTION('--timeout', describeValue(text), `use a number of seconds up to ${SECONDS_MAX}`)
}

const SECONDS_MAX = 300

function urlOf (option: string, text: string): string {
  if (URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)) return text
  throw new LETTA_OTEL_INVALID_OPTION(option, describeValue(text), 'use an http: or https: URL such as http://127.0.0.1:4318')
}
