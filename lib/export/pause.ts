/** A wait that can be cut short. */
export class Pause {
  #end: (() => void) | undefined
  #binding = false

  /** @param binding whether only {@link end} may cut it short */
  async wait (milliseconds: number, binding: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, milliseconds).unref()
    this.#end = resolve
    this.#binding = binding
    await promise
    clearTimeout(timer)
    this.#end = undefined
  }

  /** Ends a wait that nobody else asked for. */
  skip (): void {
    if (!this.#binding) this.#end?.()
  }

  end (): void {
    this.#end?.()
  }
}
