import type { Command } from 'commander'
import { LOOPBACK, hostBeforePort, reachableHost } from '../../collector/host.ts'
import { collectorStatus } from '../../collector/status.ts'
import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../../errors.ts'
import { EnvironmentReader } from '../../options/environment.ts'
import { outputOf, type CommandContext } from '../command-context.ts'
import { EXIT } from '../exit-codes.ts'

const COLUMNS = {
  component: 'text',
  signal: 'text',
  accepted: 'count',
  refused: 'count',
  failed: 'count',
  sent: 'count',
  send_failed: 'count',
  enqueue_failed: 'count',
  queue_size: 'count',
  queue_capacity: 'count'
} as const

export function collectorStatusCommand (context: CommandContext, collector: Command): void {
  collector.command('status')
    .description('whether a collector is well, what it took, refused and sent, and what waits in its queues')
    .option('--health <url>', 'where its health check is (default: port 13133 of this machine)')
    .option('--metrics <url>', 'where its own metrics are (default: port 8888 of this machine, /metrics)')
    .option('--json', 'answer as JSON')
    .action(async (options: { health?: string, metrics?: string }, command: Command) => {
      const health = urlOf(context, '--health', options.health, 'LETTA_OTELCOL_HEALTH_PORT', 13133, '/')
      const metrics = urlOf(context, '--metrics', options.metrics, 'LETTA_OTELCOL_METRICS_PORT', 8888, '/metrics')
      const { isHealthy, figures } = await collectorStatus({ health, metrics })
      const output = outputOf(context, command)
      output.say(isHealthy ? 'the collector is well' : 'the collector is not ready')
      output.rows(COLUMNS, figures.components, {
        healthy: isHealthy, refused: figures.refused, send_failed: figures.sendFailed, enqueue_failed: figures.enqueueFailed, components: figures.components
      })
      if (!isHealthy) context.exit(EXIT.FAILED)
    })
}

/** A collector that listens to everybody is asked from here. */
function urlOf ({ env }: CommandContext, option: string, text: string | undefined, port: string, usual: number, path: string): string {
  const reader = new EnvironmentReader(env)
  const host = hostBeforePort(reachableHost(reader.text('LETTA_OTELCOL_HOST') ?? LOOPBACK))
  const url = text ?? `http://${host}:${reader.text(port) ?? usual}${path}`
  if (URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)) return url
  throw new LETTA_OTEL_INVALID_OPTION(option, describeValue(url), `use an http: URL such as http://127.0.0.1:${usual}${path}`)
}
