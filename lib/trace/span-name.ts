import { textProperty } from './describe-value.ts'

/** What a traced function's spans are called. */
export interface SpanNaming {
  /** Given by the user. */
  readonly name: string | undefined
  /** Where the function stands, as the user says. */
  readonly module: string | undefined
  readonly functionName: string
  /** Whether it is a method, static or not. */
  readonly isMethod: boolean
}

/** `Class.method` with the class of the object a method is called on, `module.function`, or the name alone. */
export class SpanName {
  readonly #naming: SpanNaming
  readonly #plain: string
  // Most methods are called on objects of one class.
  #class: unknown
  #ofClass = ''

  constructor (naming: SpanNaming) {
    this.#naming = naming
    this.#plain = naming.name ?? (naming.module === undefined ? naming.functionName : `${naming.module}.${naming.functionName}`)
  }

  of (self: unknown): string {
    const { name, isMethod, functionName } = this.#naming
    if (!isMethod || name !== undefined) return this.#plain
    const owner = classOf(self)
    if (owner === undefined) return this.#plain
    if (owner !== this.#class) {
      const className = textProperty(owner, 'name')
      this.#class = owner
      this.#ofClass = className === '' ? this.#plain : `${className}.${functionName}`
    }
    return this.#ofClass
  }
}

function classOf (self: unknown): object | undefined {
  if (typeof self === 'function') return self
  if (typeof self !== 'object' || self === null) return undefined
  const { constructor } = self
  return typeof constructor === 'function' && constructor !== Object ? constructor : undefined
}
