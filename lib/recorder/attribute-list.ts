import { AddAttributeDecision, maybeAddAttribute } from '@opentelemetry/core'
import type { Attributes, AttributeValue } from '@opentelemetry/api'
import type { AttributeBlock } from './attribute-block.ts'

/** How many attributes there may be, and how long their texts. */
export interface AttributeLimits {
  readonly attributeCountLimit: number
  readonly attributeValueLengthLimit: number
}

// Shared by all spans that have none yet, and frozen: the first attribute makes arrays of their own.
const NO_KEYS = Object.freeze([]) as unknown as string[]
const NO_VALUES = Object.freeze([]) as unknown as unknown[]

/** Stands for a value that the SDK's check throws at: it is nested thousands of levels deep, or does so itself when it is read. */
const UNCHECKED = Symbol('unchecked')

/** A block of a span, and those that came before it: a list that is made without copies. */
export class BlockLink {
  readonly block: AttributeBlock
  readonly next: BlockLink | undefined

  constructor (block: AttributeBlock, next: BlockLink | undefined) {
    this.block = block
    this.next = next
  }
}

/**
 * Attributes in the order in which they were first set, with the SDK's rules: which values are legal, what is copied,
 * cut off or dropped. Two arrays cost less than an object to fill and to read.
 */
export class AttributeList {
  // Many spans have one attribute beside their blocks: an array that is made with it takes no more room than that.
  keys: string[] = NO_KEYS
  values: unknown[] = NO_VALUES
  /** Attributes that are encoded already, none of which is among the keys. */
  blocks: BlockLink | undefined
  droppedCount = 0
  readonly #limits: AttributeLimits

  constructor (limits: AttributeLimits) {
    this.#limits = limits
  }

  /** What a span starts with: an illegal value counts as dropped, as in the SDK. */
  setInitial (attributes: Attributes): void {
    for (const key in attributes) {
      if (!Object.hasOwn(attributes, key)) continue
      const value = attributes[key]
      if (value === undefined) continue
      const legal = this.#legal(key, value)
      if (legal === undefined || legal === UNCHECKED) this.droppedCount++
      else this.#put(key, legal)
    }
  }

  setAll (attributes: Attributes): void {
    for (const key in attributes) {
      if (Object.hasOwn(attributes, key)) this.set(key, attributes[key])
    }
  }

  /** An illegal value is ignored; it counts as dropped only where a legal one would have been, or where it cannot be checked. */
  set (key: string, value: AttributeValue | undefined): void {
    if (value === undefined) return
    const legal = this.#legal(key, value)
    if (legal !== undefined && legal !== UNCHECKED) this.#put(key, legal)
    else if (legal === UNCHECKED || (key !== '' && this.#isFullFor(key))) this.droppedCount++
  }

  /** Takes a block as it is. @returns false where one of its keys is here already, or there is no room */
  addBlock (block: AttributeBlock): boolean {
    let count = this.keys.length + block.keys.length
    if (block.hasAny(this.keys)) return false
    for (let link = this.blocks; link !== undefined; link = link.next) {
      if (link.block.hasAny(block.keys)) return false
      count += link.block.keys.length
    }
    if (count > this.#limits.attributeCountLimit) return false
    this.blocks = new BlockLink(block, this.blocks)
    return true
  }

  /** All of them as an object. */
  toObject (): Attributes {
    const all: Record<string, unknown> = {}
    for (let link = this.blocks; link !== undefined; link = link.next) addTo(all, link.block)
    addTo(all, this)
    return all as Attributes
  }

  has (key: string): boolean {
    return this.keys.includes(key) || this.#blockWith(key) !== undefined
  }

  get #count (): number {
    let count = this.keys.length
    for (let link = this.blocks; link !== undefined; link = link.next) count += link.block.keys.length
    return count
  }

  #blockWith (key: string): AttributeBlock | undefined {
    for (let link = this.blocks; link !== undefined; link = link.next) if (link.block.has(key)) return link.block
    return undefined
  }

  #put (key: string, value: unknown): void {
    const block = this.#blockWith(key)
    if (block !== undefined) this.#dissolve(block)
    const at = this.keys.indexOf(key)
    if (at !== -1) this.values[at] = value
    else if (this.#count >= this.#limits.attributeCountLimit) this.droppedCount++
    else this.#append(key, value)
  }

  #append (key: string, value: unknown): void {
    if (this.keys.length === 0) {
      this.keys = [key]
      this.values = [value]
    } else {
      this.keys.push(key)
      this.values.push(value)
    }
  }

  /** One of its attributes changes. */
  #dissolve (block: AttributeBlock): void {
    let rest: BlockLink | undefined
    for (let link = this.blocks; link !== undefined; link = link.next) if (link.block !== block) rest = new BlockLink(link.block, rest)
    this.blocks = rest
    for (const [index, key] of block.keys.entries()) this.#append(key, block.values[index])
  }

  #isFullFor (key: string): boolean {
    return this.#count >= this.#limits.attributeCountLimit && !this.has(key)
  }

  /** The value as it may be kept, or nothing. */
  #legal (key: string, value: AttributeValue): unknown {
    if (typeof key !== 'string' || key === '') return undefined
    switch (typeof value) {
      case 'number': case 'boolean': return value
      case 'string': if (value.length <= this.#limits.attributeValueLengthLimit) return value
    }
    return this.#checked(key, value)
  }

  /** Values that are not plain are left to the SDK's own rules. */
  #checked (key: string, value: AttributeValue): unknown {
    const checked: Record<string, AttributeValue> = {}
    try {
      const decision = maybeAddAttribute({ key, value, attributes: checked, limits: this.#limits, currentAttributesCount: -1 })
      return decision === AddAttributeDecision.ADD_NEW ? checked[key] : undefined
    } catch {
      return UNCHECKED
    }
  }
}

function addTo (all: Record<string, unknown>, { keys, values }: { readonly keys: readonly string[], readonly values: readonly unknown[] }): void {
  for (const [index, key] of keys.entries()) all[key] = values[index]
}
