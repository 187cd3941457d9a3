import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { AppAnswer, AppQuestion } from '../app/messages.ts'

export interface AppOptions {
  /** Of the collector. */
  readonly endpoint: string
  readonly lettaDirectory: string
  /** A command that runs the rest of its arguments, for example in a file system of its own. */
  readonly within?: readonly string[]
  /** Who runs it, where this process may choose. */
  readonly userId?: number
  /** Whether its workers can be made to crash and its clock can be set. @default false */
  readonly faulty?: boolean
}

export interface AppStats {
  readonly spans: { readonly exported: number, readonly failed: number, readonly dropped: { readonly rejected: number } }
}

const SERVER = fileURLToPath(new URL('../app/server.ts', import.meta.url))
const PRELOAD = new URL('../app/preload.ts', import.meta.url).href
const STDIO: StdioOptions = ['ignore', 'pipe', 'inherit', 'ipc']

/** A process of the application that is observed. */
export class App implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, (value: unknown) => void>()
  #lastId = 0
  /** What it logged as warnings: each problem of telemetry once. */
  readonly problems: string[] = []
  url = ''

  private constructor ({ endpoint, lettaDirectory, within = [], userId, faulty = false }: AppOptions) {
    const [command = '', ...args] = [...within, process.execPath, ...faulty ? ['--import', PRELOAD] : [], SERVER]
    const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, LETTA_DIR: lettaDirectory, NODE_ENV: 'production' }
    this.#process = spawn(command, args, { env, stdio: STDIO, ...userId === undefined ? {} : { uid: userId, gid: userId } })
    this.#process.on('message', ({ id, value }: AppAnswer) => { this.#waiting.get(id)?.(value) })
    if (this.#process.stdout !== null) createInterface(this.#process.stdout).on('line', line => { this.#note(line) })
  }

  /** Resolves when it listens. */
  static async start (options: AppOptions): Promise<App> {
    const app = new App(options)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    app.#waiting.set(0, resolve)
    app.#process.once('exit', code => { reject(new Error(`the application ended with ${code} before it listened`)) })
    app.#process.once('error', reject)
    app.url = String(await promise)
    return app
  }

  get pid (): number {
    return this.#process.pid ?? 0
  }

  async stats (): Promise<AppStats> {
    return await this.#ask('stats') as AppStats
  }

  /** @returns whether everything arrived in time */
  async flush (): Promise<boolean> {
    return await this.#ask('flush') as boolean
  }

  async crashWorkers (how: 'error' | 'terminate'): Promise<void> {
    await this.#ask('crash', how === 'error' ? 1 : 0)
  }

  async setClock (milliseconds: number): Promise<void> {
    await this.#ask('clock', milliseconds)
  }

  /** @returns milliseconds until it had ended, and how it did */
  async end (signal: 'SIGTERM' | 'SIGKILL'): Promise<{ milliseconds: number, code: number | null }> {
    const start = performance.now()
    const exit = once(this.#process, 'exit') as Promise<[number | null]>
    this.#process.kill(signal)
    const [code] = await exit
    return { milliseconds: performance.now() - start, code }
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.end('SIGKILL')
  }

  async #ask (ask: AppQuestion['ask'], value = 0): Promise<unknown> {
    const id = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<unknown>()
    this.#waiting.set(id, resolve)
    this.#process.send({ id, ask, value } satisfies AppQuestion)
    const answer = await promise
    this.#waiting.delete(id)
    return answer
  }

  #note (line: string): void {
    try {
      this.problems.push(String((JSON.parse(line) as { msg?: unknown }).msg))
    } catch {
      this.problems.push(line)
    }
  }
}
