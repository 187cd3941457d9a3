import { constants } from 'node:os'
import { SettingError } from '../environment.ts'
import { Child, type Announcement, type ChildOptions, type Exit } from './child.ts'

/** The processes of the example, in the order in which they were started. */
export class Launcher {
  readonly #children: Child[] = []
  #stopping = false

  /**
   * Starts a process and waits until it answers.
   *
   * @returns where it answers; nothing when it ended before it did, or when everything is being stopped
   */
  async start (options: ChildOptions): Promise<Announcement | undefined> {
    if (this.#stopping) return undefined
    const child = new Child(options)
    this.#children.push(child)
    const announced = await child.announced()
    if (announced === undefined) return undefined
    const { ok, status } = await fetch(announced.health)
    if (!ok) throw new SettingError(`The ${child.name} at ${announced.url} does not answer: status ${status}.`)
    return announced
  }

  /** Resolves when one of the processes has ended; with nothing when it was meant to. */
  async firstExit (): Promise<Exit | undefined> {
    const exit = await Promise.race(this.#children.map(async ({ exited }) => await exited))
    return this.#stopping ? undefined : exit
  }

  /** Stops the last process first, so that the server can finish what it asks the model, and both can send their telemetry. */
  async stop (signal: NodeJS.Signals): Promise<Exit[]> {
    this.#stopping = true
    const exits: Exit[] = []
    for (const child of this.#children.toReversed()) exits.push(await child.stop(signal))
    return exits
  }
}

/** Whether a process ended as it was asked to: by itself or, where it did not listen for signals yet, by this one. */
export function isAsAsked ({ code, signal }: Exit, asked: NodeJS.Signals): boolean {
  return code === 0 || signal === asked
}

/** As a shell has it: 128 and the number of the signal that ended a process. */
export function exitCodeOf ({ code, signal }: Exit): number {
  return code ?? 128 + constants.signals[signal!]
}
