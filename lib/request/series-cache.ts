/** A step on the way to a series: one value of what tells series apart. */
export class SeriesCacheNode<Series> {
  series: Series | undefined
  /** Made with the first step: most nodes are the last on their way. */
  #next: Map<unknown, SeriesCacheNode<Series>> | undefined

  find (value: unknown): SeriesCacheNode<Series> | undefined {
    return this.#next?.get(value)
  }

  grow (value: unknown): SeriesCacheNode<Series> {
    this.#next ??= new Map()
    let node = this.#next.get(value)
    if (node === undefined) this.#next.set(value, node = new SeriesCacheNode())
    return node
  }
}

/**
 * Series by the values that tell them apart, one map for each value: nothing is put together to look one up. Some of the
 * values are chosen by clients, so the number of series is bounded, and ways lead to series only.
 */
export class SeriesCache<Series> {
  readonly root = new SeriesCacheNode<Series>()
  #free: number

  constructor (limit: number) {
    this.#free = limit
  }

  /** Takes one of the free places. @returns whether there was one */
  claim (): boolean {
    return this.#free > 0 && this.#free-- > 0
  }
}
