import type { AttributeValue } from '@opentelemetry/api'
import { KEPT, type Keepable } from '../vocabulary/sampling.ts'
import type { FastSpan } from './fast-span.ts'

/** Whether a span that was not sampled is exported all the same. It then gets the attributes it lacks. */
export function isKept (span: FastSpan & Keepable): boolean {
  const missing = span[KEPT]
  if (missing === undefined) return false
  const { attributes } = span
  for (const name of Object.keys(missing)) {
    if (!attributes.has(name)) attributes.set(name, missing[name] as AttributeValue)
  }
  return true
}
