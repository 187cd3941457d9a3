import type { Attributes } from '@opentelemetry/api'
import { cleanAttributes } from '@opentelemetry/core'
import type { AttributeLimits } from './attribute-list.ts'

/** Attributes as they may be kept, and how many were not. */
export interface CheckedAttributes {
  readonly attributes: Attributes
  readonly dropped: number
}

/**
 * Attributes of every legal type, by the SDK's rules. The SDK's check throws where a value is nested thousands of levels
 * deep, or does so itself when it is read: such a value is dropped and counted, as all that is not legal.
 */
export function checkedAttributes (given: Attributes | undefined, limits: AttributeLimits): CheckedAttributes {
  try {
    const { attributes = {}, droppedAttributesCount: dropped = 0 } = cleanAttributes(given, limits)
    return { attributes: attributes as Attributes, dropped }
  } catch {
    return checkedOneByOne(given as Attributes, limits)
  }
}

function checkedOneByOne (given: Attributes, limits: AttributeLimits): CheckedAttributes {
  const attributes: Attributes = {}
  let dropped = 0
  for (const key of Object.keys(given)) {
    const attributeCountLimit = limits.attributeCountLimit - Object.keys(attributes).length
    try {
      const one = cleanAttributes({ [key]: given[key] }, { ...limits, attributeCountLimit })
      Object.assign(attributes, one.attributes)
      dropped += one.droppedAttributesCount ?? 0
    } catch {
      dropped++
    }
  }
  return { attributes, dropped }
}
