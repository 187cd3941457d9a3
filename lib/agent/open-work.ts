import type { Work } from './work.ts'

/** The place of open work in the list of all. */
export interface OpenPlace {
  olderWork: Work | undefined
  newerWork: Work | undefined
  isListed: boolean
}

/**
 * All work that has not ended. What somebody begins by hand and never ends, or what waits for a promise that never settles,
 * would stay for as long as the process: of too much, what has rested longest is ended, by what is known of it.
 *
 * The list runs through the work itself, what was used last at its end. Whoever uses work uses what that is part of, which
 * comes after it: the oldest has nothing open within, and what it is part of follows it soon where it rests as well.
 */
export class OpenWork {
  readonly #max: number
  readonly #onAbandoned: (max: number) => void
  #oldest: Work | undefined
  #newest: Work | undefined
  #open = 0
  #abandoned = 0

  /**
   * @param onAbandoned told each time that something is ended because there was too much
   * @param max work that may be open at a time
   */
  constructor (onAbandoned: (max: number) => void, max: number) {
    this.#onAbandoned = onAbandoned
    this.#max = max
  }

  get stats (): { readonly open: number, readonly abandoned: number } {
    return { open: this.#open, abandoned: this.#abandoned }
  }

  /**
   * Ends what is too much, so that there is room for more.
   *
   * @param around the open work that the new one will be part of: neither this nor what is around it makes room
   */
  makeRoom (around: Work | undefined): void {
    if (this.#open < this.#max) return
    if (around !== undefined) this.use(around)
    while (this.#open >= this.#max) {
      const oldest = this.#oldest
      if (oldest === undefined || oldest === around) return
      this.#giveUp(oldest)
      this.#abandoned++
      oldest.guard(() => { this.#onAbandoned(this.#max) })
    }
  }

  add (work: Work): void {
    this.#append(work)
    this.#open++
    if (work.parent !== undefined) this.use(work.parent)
  }

  /** Work does not rest, and neither does what it is part of. */
  use (work: Work): void {
    for (let used: Work | undefined = work; used !== undefined; used = used.parent) {
      if (!used.isListed) continue
      this.#unlink(used)
      this.#append(used)
    }
  }

  remove (work: Work): void {
    if (!work.isListed) return
    this.#unlink(work)
    this.#open--
  }

  /** Ends all of it, what is within other work first. */
  giveUp (): void {
    const all: Work[] = []
    for (let work = this.#oldest; work !== undefined; work = work.newerWork) all.push(work)
    for (const work of all) this.#giveUp(work)
  }

  #giveUp (work: Work): void {
    work.guard(() => { work.giveUp() })
    // Whatever kept it from ending shall not do so for ever.
    this.remove(work)
  }

  #append (work: Work): void {
    work.olderWork = this.#newest
    work.isListed = true
    if (this.#newest === undefined) this.#oldest = work
    else this.#newest.newerWork = work
    this.#newest = work
  }

  #unlink (work: Work): void {
    const { olderWork, newerWork } = work
    if (olderWork === undefined) this.#oldest = newerWork
    else olderWork.newerWork = newerWork
    if (newerWork === undefined) this.#newest = olderWork
    else newerWork.olderWork = olderWork
    // Work that is kept shall not keep its neighbours.
    work.olderWork = work.newerWork = undefined
    work.isListed = false
  }
}
