import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const ASK_EVERY_MS = 100

/** A command of letta-otel that runs until it is stopped. */
export class RunningCommand {
  /** Resolves with its exit code. */
  readonly exited: Promise<number>
  readonly #process: ChildProcess
  #hasEnded = false

  /** @param words of the command line, as `collector`, `start` */
  constructor (words: readonly string[]) {
    this.#process = spawn(process.execPath, [commandLine(), ...words], { stdio: ['ignore', 'inherit', 'inherit'] })
    this.exited = this.#exit()
  }

  async #exit (): Promise<number> {
    const [code, signal] = await once(this.#process, 'exit') as [number | null, NodeJS.Signals | null]
    this.#hasEnded = true
    return code ?? 128 + constants.signals[signal!]
  }

  /** Asks until it answers, which takes minutes where it is downloaded first. @returns false when it ended before it did */
  async ready (health: string): Promise<boolean> {
    while (!this.#hasEnded) {
      const answer = await fetch(health).catch(() => undefined)
      if (answer?.ok === true && !this.#hasEnded) return true
      await pause(ASK_EVERY_MS)
    }
    return false
  }

  /** It sends or stores what it can before it ends. */
  stop (signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }
}

/** What `npx letta-otel` runs. */
function commandLine (): string {
  const manifest = createRequire(import.meta.url).resolve('letta-otel/package.json')
  return join(dirname(manifest), 'dist/cli/bin.js')
}
