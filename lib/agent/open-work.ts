import type { Work } from './work.ts'

/** Work that may be open at a time: some 50 MB, without what it keeps of prompts and answers. */
const OPEN_MAX = 20_000

/**
 * All work that has not ended. What somebody begins by hand and never ends, or what waits for a promise that never settles,
 * would stay for as long as the process: of too much, what has rested longest is ended, by what is known of it.
 */
export class OpenWork {
  readonly #max: number
  readonly #onAbandoned: (max: number) => void
  /** Work in which no other is open, what has rested longest first. */
  readonly #innermost = new Set<Work>()
  #open = 0
  #abandoned = 0

  /** @param onAbandoned told each time that something is ended because there was too much */
  constructor (onAbandoned: (max: number) => void, max = OPEN_MAX) {
    this.#onAbandoned = onAbandoned
    this.#max = max
  }

  get stats (): { readonly open: number, readonly abandoned: number } {
    return { open: this.#open, abandoned: this.#abandoned }
  }

  /** Ends what is too much, so that there is room for more. */
  makeRoom (): void {
    while (this.#open >= this.#max) {
      const [oldest] = this.#innermost
      if (oldest === undefined) return
      oldest.giveUp()
      this.#abandoned++
      this.#onAbandoned(this.#max)
    }
  }

  /** @param around the open work that it is part of */
  add (work: Work, around: Work | undefined): void {
    this.#open++
    this.#innermost.add(work)
    if (around !== undefined) this.#innermost.delete(around)
  }

  /** @param around the work that it was part of, where that is open and nothing else is open in it */
  remove (work: Work, around: Work | undefined): void {
    this.#open--
    this.#innermost.delete(work)
    if (around !== undefined) this.#innermost.add(around)
  }

  /** Ends all of it, what is within other work first. */
  giveUp (): void {
    for (const work of this.#innermost) work.giveUp()
  }
}
