import { AddAttributeDecision, maybeAddAttribute } from '@opentelemetry/core'
import type { Attributes, AttributeValue } from '@opentelemetry/api'

/** How many attributes there may be, and how long their texts. */
export interface AttributeLimits {
  readonly attributeCountLimit: number
  readonly attributeValueLengthLimit: number
}

/**
 * Attributes in the order in which they were first set, with the SDK's rules: which values are legal, what is copied,
 * cut off or dropped. Two arrays cost less than an object to fill and to read.
 */
export class AttributeList {
  readonly keys: string[] = []
  readonly values: unknown[] = []
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
      if (legal === undefined) this.droppedCount++
      else this.#put(key, legal)
    }
  }

  setAll (attributes: Attributes): void {
    for (const key in attributes) {
      if (Object.hasOwn(attributes, key)) this.set(key, attributes[key])
    }
  }

  /** An illegal value is ignored; it counts as dropped only where a legal one would have been. */
  set (key: string, value: AttributeValue | undefined): void {
    if (value === undefined) return
    const legal = this.#legal(key, value)
    if (legal !== undefined) this.#put(key, legal)
    else if (key !== '' && this.#isFullFor(key)) this.droppedCount++
  }

  #put (key: string, value: unknown): void {
    const at = this.keys.indexOf(key)
    if (at !== -1) this.values[at] = value
    else if (this.keys.length >= this.#limits.attributeCountLimit) this.droppedCount++
    else {
      this.keys.push(key)
      this.values.push(value)
    }
  }

  #isFullFor (key: string): boolean {
    return this.keys.length >= this.#limits.attributeCountLimit && !this.keys.includes(key)
  }

  /** The value as it may be kept, or nothing. Values that are not plain are left to the SDK's own rules. */
  #legal (key: string, value: AttributeValue): unknown {
    if (key === '') return undefined
    switch (typeof value) {
      case 'number': case 'boolean': return value
      case 'string': if (value.length <= this.#limits.attributeValueLengthLimit) return value
    }
    const checked: Record<string, AttributeValue> = {}
    const decision = maybeAddAttribute({ key, value, attributes: checked, limits: this.#limits, currentAttributesCount: -1 })
    return decision === AddAttributeDecision.ADD_NEW ? checked[key] : undefined
  }
}
