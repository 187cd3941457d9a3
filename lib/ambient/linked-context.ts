import type { Context } from '@opentelemetry/api'

/**
 * A context that adds one value to another. The API's own copies a map and makes three functions for every value; a
 * request adds two values and each of its child spans one, and few are ever looked up.
 */
export class LinkedContext implements Context {
  readonly #parent: Context
  readonly #key: symbol
  readonly #value: unknown

  constructor (parent: Context, key: symbol, value: unknown) {
    this.#parent = parent
    this.#key = key
    this.#value = value
  }

  getValue (key: symbol): unknown {
    let node: Context = this
    while (node instanceof LinkedContext) {
      if (node.#key === key) return node.#value
      node = node.#parent
    }
    return node.getValue(key)
  }

  setValue (key: symbol, value: unknown): Context {
    return new LinkedContext(this.#without(key), key, value)
  }

  deleteValue (key: symbol): Context {
    return new LinkedContext(this.#without(key), key, undefined)
  }

  /** A value that is hidden by a newer one is let go: work that goes on for ever sets its span again and again. */
  #without (key: symbol): Context {
    if (this.#key === key) return this.#parent
    if (!(this.#parent instanceof LinkedContext)) return this
    const parent = this.#parent.#without(key)
    return parent === this.#parent ? this : new LinkedContext(parent, this.#key, this.#value)
  }
}
