import { REDACTED, SECRET_NAME_ENDINGS, SECRET_PATTERNS, SECRET_QUERY_KEYS } from '../vocabulary/secrets.ts'
import { redactUrl } from './redact-query.ts'

/** What is taken out of a value. */
export interface RedactionRules {
  /** Ends of key names, in lower case and without `_` and `-`. */
  readonly keyEndings: readonly string[]
  /** Global patterns; what matches is replaced. */
  readonly patterns: readonly RegExp[]
}

const QUERY_KEYS: ReadonlySet<string> = new Set(SECRET_QUERY_KEYS)
/** JSON within JSON within …: what is nested deeper is no data of anybody's. */
const DEPTH_MAX = 100
const TOO_DEEP = '… (nested too deep)'
/** A member of an object in text that is no whole JSON, as arguments of a tool that were cut off. */
const MEMBER = /"([^"\\]{1,100})"(\s*:\s*)("(?:[^"\\]|\\[^])*"?|-?\d[\d.eE+-]*)/g
const URLS = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>]+/gi

/** The built-in rules, and further keys and patterns. */
export function redactionRules (keys: readonly string[], patterns: readonly RegExp[]): RedactionRules {
  return {
    keyEndings: [...SECRET_NAME_ENDINGS, ...keys.map(plainName)],
    patterns: [...SECRET_PATTERNS, ...patterns.map(({ source, flags }) => new RegExp(source, flags.includes('g') ? flags : `${flags}g`))]
  }
}

/**
 * A JSON value without secrets: members whose key names one, texts whose form gives one away, secret query keys of URLs,
 * and the same within texts that are JSON themselves, as arguments of tools are.
 */
export function redactJson (value: unknown, rules: RedactionRules, depth = 0): unknown {
  if (typeof value === 'string') return redactString(value, rules, depth)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MAX) return TOO_DEEP
  if (Array.isArray(value)) return value.map(item => redactJson(item, rules, depth + 1))
  // Keys such as `__proto__` are data here: only entries keep them so.
  return Object.fromEntries(Object.entries(value).map(([key, item]) =>
    [key, namesSecret(key, rules) && isValue(item) ? REDACTED : redactJson(item, rules, depth + 1)]))
}

/** Text without secrets. */
export function redactString (text: string, rules: RedactionRules, depth = 0): string {
  if (depth < DEPTH_MAX && /^\s*[[{]/.test(text)) return redactNested(text, rules, depth)
  return redactForms(text, rules)
}

function redactNested (text: string, rules: RedactionRules, depth: number): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const members = text.replace(MEMBER, (member, key: string, colon: string) => namesSecret(key, rules) ? `"${key}"${colon}"${REDACTED}"` : member)
    return redactForms(members, rules)
  }
  const before = JSON.stringify(value)
  const after = JSON.stringify(redactJson(value, rules, depth + 1))
  return before === after ? text : after
}

function redactForms (text: string, { patterns }: RedactionRules): string {
  let redacted = text.includes('://') ? text.replace(URLS, url => redactUrl(url, QUERY_KEYS)) : text
  for (const pattern of patterns) redacted = redacted.replace(pattern, REDACTED)
  return redacted
}

function namesSecret (key: string, { keyEndings }: RedactionRules): boolean {
  const plain = plainName(key)
  return keyEndings.some(ending => plain.endsWith(ending))
}

function plainName (name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '')
}

/** Flags and what is absent tell nothing, and a schema may say of them that they are there. */
function isValue (value: unknown): boolean {
  return value !== null && typeof value !== 'boolean'
}
