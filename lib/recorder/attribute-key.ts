import type { Attributes } from '@opentelemetry/api'

/** A text that is the same for the same attributes in any order, and for no others: the SDK's own identity of a series. */
export function attributeKey (attributes: Attributes): string {
  const names = Object.keys(attributes)
  return names.length === 0 ? '' : JSON.stringify(names.sort().map(name => [name, attributes[name]]))
}
