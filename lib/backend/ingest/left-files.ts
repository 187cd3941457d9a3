import { Pause } from '../../export/pause.ts'
import { backoffMs } from '../../export/retry-policy.ts'
import { isRefusal } from '../../store/engine-error.ts'
import type { BlockFile } from './block-files.ts'

/** Waits between attempts of what the engine could not take at the start. */
const RETRY = { firstMs: 1_000, maxMs: 60_000 }

export interface LeftFilesTools {
  insert (file: BlockFile): Promise<void>
  remove (file: BlockFile): Promise<void>
  /** Told of a file that the engine refused for good, before it is removed. */
  onRefused (file: BlockFile, problem: Error): Promise<void>
  /** Told, once, of one that is tried again. */
  onTrouble (file: BlockFile, problem: Error): void
}

/** Files of an earlier process: inserted at the start or, where the engine cannot take them then, as soon as it can. */
export class LeftFiles {
  readonly #tools: LeftFilesTools
  readonly #pause = new Pause()
  #waiting: readonly BlockFile[] = []
  #closing = false
  #work: Promise<void> | undefined

  constructor (tools: LeftFilesTools) {
    this.#tools = tools
  }

  /** Tries each once; never rejects. */
  async start (files: readonly BlockFile[]): Promise<void> {
    this.#waiting = await this.#insert(files, (file, problem) => { this.#tools.onTrouble(file, problem) })
    if (this.#waiting.length > 0) this.#work = this.#insist()
  }

  async #insist (): Promise<void> {
    for (let failures = 1; this.#waiting.length > 0; failures++) {
      await this.#pause.wait(backoffMs(failures, RETRY), false)
      if (this.#closing) return
      this.#waiting = await this.#insert(this.#waiting, () => {})
    }
  }

  /** @returns those that are to be tried again */
  async #insert (files: readonly BlockFile[], onTrouble: LeftFilesTools['onTrouble']): Promise<BlockFile[]> {
    const again: BlockFile[] = []
    for (const file of files) {
      // There may be many, and what stops a process does not wait for all of them.
      if (this.#closing) {
        again.push(file)
        continue
      }
      try {
        await this.#tools.insert(file)
      } catch (problem) {
        if (isRefusal(problem)) {
          await this.#tools.onRefused(file, problem as Error)
          await this.#tools.remove(file).catch(() => {})
        } else {
          onTrouble(file, problem as Error)
          again.push(file)
        }
      }
    }
    return again
  }

  /** What still waits stays for the next process. */
  async close (): Promise<void> {
    this.#closing = true
    this.#pause.end()
    await this.#work
  }
}
