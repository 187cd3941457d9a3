import type { Attributes } from '@opentelemetry/api'
import { RECORDED_FORM, type FixedAttributes } from '../vocabulary/fixed-attributes.ts'
import { AttributeList, type AttributeLimits } from './attribute-list.ts'

/** Attributes that never change, checked and cut off once. */
export class AttributeBlock {
  readonly keys: readonly string[]
  readonly values: readonly unknown[]
  readonly limits: AttributeLimits
  /** Their encoded form, once a span was written that has them. */
  bytes: Uint8Array | undefined

  constructor (attributes: Attributes, limits: AttributeLimits) {
    const list = new AttributeList({ ...limits, attributeCountLimit: Infinity })
    for (const key of Object.keys(attributes)) list.set(key, attributes[key])
    this.keys = list.keys
    this.values = list.values
    this.limits = limits
  }

  has (key: string): boolean {
    for (const own of this.keys) if (own === key) return true
    return false
  }

  hasAny (keys: readonly string[]): boolean {
    for (const key of keys) if (this.has(key)) return true
    return false
  }
}

/** The block of fixed attributes, made when it is first asked for; nothing for attributes that may change. */
export function blockOf (attributes: Attributes, limits: AttributeLimits): AttributeBlock | undefined {
  const holder = (attributes as Partial<FixedAttributes>)[RECORDED_FORM]
  if (holder === undefined) return undefined
  const { form } = holder
  if (form instanceof AttributeBlock && form.limits === limits) return form
  const made = new AttributeBlock(attributes, limits)
  holder.form = made
  return made
}
