import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of the example that ended. */
export interface Exit {
  readonly child: Child
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ChildOptions {
  /** How a person calls it. */
  readonly name: string
  /** A file of this folder's parent. */
  readonly script: string
  readonly args?: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** What becomes of its log lines. */
  readonly stdout: 'inherit' | 'ignore'
}

/** What a process says when it answers. */
export interface Announcement {
  readonly url: string
  /** Where it can be asked whether it is well. */
  readonly health: string
  /** Where it takes SQL, if it does. */
  readonly clickhouse?: string
}

/** Longer than a child needs to finish its work and send its telemetry. */
const STOP_TIMEOUT_MS = 15_000

/** One process of the example. */
export class Child {
  readonly name: string
  readonly exited: Promise<Exit>
  readonly #process: ChildProcess

  constructor ({ name, script, args = [], env, stdout }: ChildOptions) {
    this.name = name
    // A process group of its own: Ctrl-C reaches the launcher alone, which stops its children in the right order.
    this.#process = spawn(process.execPath, [fileURLToPath(new URL(`../${script}`, import.meta.url)), ...args],
      { env, stdio: ['ignore', stdout, 'inherit', 'ipc'], detached: true })
    this.exited = once(this.#process, 'exit').then(([code, signal]) => {
      // It may have had no time to stop what it has started.
      if (signal !== null) this.#signalGroup('SIGTERM')
      return { child: this, code, signal }
    })
  }

  /** Where it answers; nothing when it ended before it did. */
  async announced (): Promise<Announcement | undefined> {
    const announced = once(this.#process, 'message').then(([message]) => message as Announcement)
    return await Promise.race([announced, this.exited.then(() => undefined)])
  }

  /** Asks it to stop and waits for its end; one that does not end is killed, with what it has started. */
  async stop (signal: NodeJS.Signals): Promise<Exit> {
    this.#process.kill(signal)
    const timer = setTimeout(() => { this.#signalGroup('SIGKILL') }, STOP_TIMEOUT_MS)
    try {
      return await this.exited
    } finally {
      clearTimeout(timer)
    }
  }

  #signalGroup (signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#process.pid!, signal)
    } catch {
      // Nobody is left in it; or this is Windows, which has no process groups.
      this.#process.kill(signal)
    }
  }
}
