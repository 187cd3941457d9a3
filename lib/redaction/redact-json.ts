import { REDACTED, isSecret } from '../vocabulary/secrets.ts'
import { redactPatterns, redactText } from './redact-text.ts'

/** What is taken out of a value, beside what always is. */
export interface RedactionRules {
  /** Ends of key names, in lower case and without `_` and `-`. */
  readonly keyEndings: readonly string[]
  /** Global patterns; what matches is replaced. */
  readonly patterns: readonly RegExp[]
}

/** JSON within JSON within …: what is nested deeper is no data of anybody's. */
export const DEPTH_MAX = 100
export const TOO_DEEP = '… (nested too deep)'
/** A member of an object in text that is no whole JSON, as arguments of a tool that were cut off. */
const MEMBER = /"([^"\\]{1,100})"(\s*:\s*)("(?:[^"\\]|\\[^])*"?|-?\d[\d.eE+-]*)/g

/** The built-in rules, with further keys and patterns. */
export function redactionRules (keys: readonly string[], patterns: readonly RegExp[]): RedactionRules {
  return {
    keyEndings: keys.map(plainName),
    patterns: patterns.map(({ source, flags }) => new RegExp(source, flags.includes('g') ? flags : `${flags}g`))
  }
}

/**
 * A JSON value without secrets: members whose key names one, texts whose form gives one away, secret query keys of URLs,
 * and the same within texts that are JSON themselves, as arguments of tools are. What has none is given back as it is.
 */
export function redactJson (value: unknown, rules: RedactionRules, depth = 0): unknown {
  if (typeof value === 'string') return redactString(value, rules, depth)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MAX) return TOO_DEEP
  return Array.isArray(value) ? redactItems(value, rules, depth) : redactMembers(value as Record<string, unknown>, rules, depth)
}

function redactItems (items: readonly unknown[], rules: RedactionRules, depth: number): readonly unknown[] {
  let redacted: unknown[] | undefined
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    const clean = redactJson(item, rules, depth + 1)
    if (clean !== item) (redacted ??= items.slice())[index] = clean
  }
  return redacted ?? items
}

function redactMembers (object: Readonly<Record<string, unknown>>, rules: RedactionRules, depth: number): Readonly<Record<string, unknown>> {
  let redacted: Record<string, unknown> | undefined
  for (const key of Object.keys(object)) {
    const item = object[key]
    const clean = isSecretMember(key, item, rules) ? REDACTED : redactJson(item, rules, depth + 1)
    // Keys such as `__proto__` are data here: they are defined, not assigned.
    if (clean !== item) Object.defineProperty(redacted ??= copyOf(object), key, { value: clean, enumerable: true, writable: true, configurable: true })
  }
  return redacted ?? object
}

function copyOf (object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object))
}

/** Text without secrets. */
export function redactString (text: string, rules: RedactionRules, depth = 0): string {
  if (depth < DEPTH_MAX && isNested(text)) return redactNested(text, rules, depth)
  return redactForms(text, rules)
}

/** Whether a text may be JSON itself, as arguments of tools are. */
export function isNested (text: string): boolean {
  return /^\s*[[{]/.test(text)
}

function redactNested (text: string, rules: RedactionRules, depth: number): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const members = text.replace(MEMBER, (member, key: string, colon: string, item: string) =>
      isSecretMember(key, item.startsWith('"') ? item : Number(item), rules) ? `"${key}"${colon}"${REDACTED}"` : member)
    return redactForms(members, rules)
  }
  const before = JSON.stringify(value)
  const after = JSON.stringify(redactJson(value, rules, depth + 1))
  return before === after ? text : after
}

function redactForms (text: string, { patterns }: RedactionRules): string {
  return redactPatterns(redactText(text), patterns)
}

export function isSecretMember (key: string, value: unknown, { keyEndings }: RedactionRules): boolean {
  if (isSecret(key, value)) return true
  // Flags and what is absent tell nothing, and a schema may say of them that they are there.
  if (keyEndings.length === 0 || value === null || typeof value === 'boolean') return false
  const plain = plainName(key)
  return keyEndings.some(ending => plain.endsWith(ending))
}

function plainName (name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '')
}
