import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { collectorEnvironment, withLiteralValues } from '../../../../lib/collector/collector-environment.ts'
import { CONFIGURATIONS, configurationFiles, type ConfigurationName } from '../../../../lib/collector/configurations.ts'
import { freePorts } from '../../free-ports.ts'

export interface CollectorOptions {
  readonly program: string
  readonly configuration: ConfigurationName
  readonly lettaDirectory: string
  readonly env?: Readonly<Record<string, string>>
  /** Instead of the configuration's own files. */
  readonly files?: readonly string[]
}

const START_MS = 30_000
const POLL_MS = 50
const CLOCK_TICKS_A_SECOND = 100

/** A real collector, as the launcher would start it, on ports of its own. */
export class CollectorProcess implements AsyncDisposable {
  readonly #options: CollectorOptions
  /** The variables that choose its ports. */
  readonly #ports: Readonly<Record<string, string>>
  #process: ChildProcess | undefined
  /** All that it wrote: errors only, unless it is told otherwise. */
  output = ''

  private constructor (options: CollectorOptions, ports: Readonly<Record<string, string>>) {
    this.#options = options
    this.#ports = ports
  }

  /** Resolves when it is healthy. */
  static async start (options: CollectorOptions): Promise<CollectorProcess> {
    const collector = new CollectorProcess(options, await freePorts())
    await collector.start()
    return collector
  }

  /** Where something of it listens. */
  port (what: 'GRPC' | 'HTTP' | 'HEALTH' | 'METRICS'): number {
    return Number(this.#ports[`LETTA_OTELCOL_${what}_PORT`])
  }

  /** Of OTLP over HTTP, without a path. */
  get url (): string {
    return `http://127.0.0.1:${this.port('HTTP')}`
  }

  /** Starts it where it was before. */
  async start (): Promise<void> {
    const { program, configuration, lettaDirectory, env = {}, files = configurationFiles(configuration, env) } = this.#options
    const { featureGates } = CONFIGURATIONS[configuration]
    const child = spawn(program, [
      ...files.flatMap(file => ['--config', file]), ...featureGates.length === 0 ? [] : ['--feature-gates', featureGates.join(',')]
    ], {
      env: withLiteralValues(collectorEnvironment({ PATH: process.env['PATH'], LETTA_OTELCOL_HOST: '127.0.0.1', ...this.#ports, ...env }, lettaDirectory)),
      stdio: ['ignore', 'ignore', 'pipe']
    })
    child.stderr.on('data', data => { this.output += String(data) })
    this.#process = child
    const deadline = performance.now() + START_MS
    while (!await this.isHealthy()) {
      if (child.exitCode !== null) throw new Error(`the collector ended with ${child.exitCode}: ${this.output}`)
      if (performance.now() > deadline) throw new Error(`the collector is not healthy: ${this.output}`)
      await pause(POLL_MS)
    }
  }

  async isHealthy (): Promise<boolean> {
    return await fetch(`http://127.0.0.1:${this.port('HEALTH')}`).then(({ ok }) => ok, () => false)
  }

  /** @returns its exit code */
  async stop (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const ended = once(child, 'exit') as Promise<[number | null]>
    child.kill(signal)
    return (await ended)[0]
  }

  /** The sum of a metric of its own over all its series. */
  async sum (metric: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.port('METRICS')}/metrics`)).text()
    return text.split('\n').filter(line => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }

  /** Bytes of memory now, and at the most. */
  memory (): { now: number, peak: number } {
    const status = readFileSync(`/proc/${this.#process?.pid}/status`, 'utf8')
    const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
    return { now: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 }
  }

  /** Seconds of processor time so far. */
  processorSeconds (): number {
    const fields = readFileSync(`/proc/${this.#process?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_A_SECOND
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.stop('SIGKILL')
  }
}
