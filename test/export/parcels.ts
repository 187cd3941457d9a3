import type { Fragment } from '../../lib/export/parcel.ts'
import { encode } from './otlp-messages.ts'

export const RESOURCE = encode('Resource', { attributes: [{ key: 'service.name', value: { stringValue: 'carried' } }] })

/** Spans with these names, as the recorder hands them over: in memory of their own. */
export function spans (names: readonly string[], scope = 'a scope'): Fragment {
  return {
    signal: 'traces',
    scope: encode('ScopeSpans', { scope: { name: scope } }),
    items: encode('ScopeSpans', { spans: names.map(name => ({ name })) }),
    count: names.length
  }
}

/** `count` names that begin with `prefix`. */
export function names (prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}
