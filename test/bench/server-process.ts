import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildServers } from './build-servers.ts'
import type { BenchCase } from './cases.ts'
import { pinnedTo, SERVER_CORE } from './cores.ts'
import type { SpanAccount } from './servers/bench-server.ts'

/** What the server's process says about itself when it ends. */
export interface ServerFigures {
  /** Those that reached the HTTP server. */
  readonly requests: number
  readonly peakMemoryBytes: number
  /** From before the plugin is registered until the application is ready. */
  readonly registerMs: number
  /** From the start of the process until the application is ready. */
  readonly startMs: number
  readonly account: SpanAccount | undefined
}

/** What a server has done so far. */
export interface ServerUse {
  readonly requests: number
  /** Of all its threads. */
  readonly cpuMicroseconds: number
}

const SERVE = buildServers()

/** A process that stands still does not see that its parent is gone. */
const running = new Set<ChildProcess>()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })

/** A case with a workload, in a process of its own on the server's core, with everything that it starts. */
export class ServerProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  readonly #directory: string
  /** Base URL of the application. */
  readonly url: string

  private constructor (child: ChildProcess, ended: Promise<number | null>, directory: string, port: number) {
    this.#child = child
    this.#ended = ended
    this.#directory = directory
    this.url = `http://127.0.0.1:${port}`
  }

  /** `sinkUrl`: where its telemetry goes. */
  static async start (benchCase: BenchCase, workload: string, sinkUrl: string): Promise<ServerProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'letta-otel-bench-'))
    const standardOutput = openSync(join(directory, 'stdout'), 'w')
    const preload = benchCase.preload === undefined ? [] : ['--import', import.meta.resolve(benchCase.preload)]
    const [command, args] = pinnedTo(SERVER_CORE, [process.execPath, ...preload, SERVE, benchCase.server, workload, join(directory, 'report')])
    const child = spawn(command, args, {
      env: benchEnvironment(sinkUrl, directory, benchCase.env), stdio: ['ignore', standardOutput, 'inherit', 'ipc']
    })
    closeSync(standardOutput)
    running.add(child)
    const ended = once(child, 'exit').then(([code]) => {
      running.delete(child)
      return code as number | null
    })
    const said = await Promise.race([once(child, 'message') as Promise<[{ port: number }]>, ended])
    if (!Array.isArray(said)) {
      rmSync(directory, { recursive: true, force: true })
      throw new Error(`the server of ${benchCase.name} did not start`)
    }
    return new ServerProcess(child, ended, directory, said[0].port)
  }

  /** What it has done until now. */
  async use (): Promise<ServerUse> {
    this.#say('use')
    const said = await Promise.race([once(this.#child, 'message') as Promise<[ServerUse]>, this.#ended])
    if (!Array.isArray(said)) throw new Error(`the server ended with ${said}`)
    return said[0]
  }

  /** Makes it stand still, with all its threads, where the system can do that. */
  freeze (): void {
    if (process.platform !== 'win32') this.#child.kill('SIGSTOP')
  }

  /** Lets it go on. */
  thaw (): void {
    if (process.platform !== 'win32') this.#child.kill('SIGCONT')
  }

  /**
   * Closes the application, waits until it has sent its telemetry and ended, and gives its figures. `read` gets what it wrote
   * to its standard output.
   */
  async stop (read?: (output: string) => void): Promise<ServerFigures> {
    this.#say('stop')
    const code = await this.#ended
    try {
      if (code !== 0) throw new Error(`the server ended with ${code}`)
      read?.(readFileSync(join(this.#directory, 'stdout'), 'utf8'))
      return JSON.parse(readFileSync(join(this.#directory, 'report'), 'utf8')) as ServerFigures
    } finally {
      rmSync(this.#directory, { recursive: true, force: true })
    }
  }

  /** What a process that has ended is told goes nowhere: whoever waits for its answer sees the end. */
  #say (message: 'use' | 'stop'): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }
}

/** This process's environment with the sink as the destination, and without what it says about telemetry or Node itself. */
export function benchEnvironment (sinkUrl: string, directory: string, env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:OTEL_|LETTA_|DD_|TAP_|NODE_)/.test(name))
  return {
    ...Object.fromEntries(inherited),
    NODE_ENV: 'production',
    OTEL_SERVICE_NAME: 'bench',
    OTEL_EXPORTER_OTLP_ENDPOINT: sinkUrl,
    LETTA_DIR: join(directory, 'letta'),
    DD_SERVICE: 'bench',
    DD_TRACE_STARTUP_LOGS: 'false',
    DD_TRACE_AGENT_URL: sinkUrl,
    ...env
  }
}
