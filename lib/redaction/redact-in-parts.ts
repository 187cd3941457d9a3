import { REDACTED } from '../vocabulary/secrets.ts'
import { DEPTH_MAX, TOO_DEEP, isNested, isSecretMember, redactString, type RedactionRules } from './redact-json.ts'
import { redactPatterns, redactedPieces } from './redact-text.ts'
import { setMember } from './set-member.ts'
import { PIECE_MAX } from './text-pieces.ts'

/** The same as `redactJson`, which may be left wherever it yields: after an item, a member or a piece of a text. */
export function * redactInParts (value: unknown, rules: RedactionRules, depth = 0): Generator<unknown, unknown> {
  if (typeof value === 'string') return value.length > PIECE_MAX && !isNested(value) ? yield * redactLongText(value, rules) : redactString(value, rules, depth)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MAX) return TOO_DEEP
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value) {
      items.push(yield * redactInParts(item, rules, depth + 1))
      yield
    }
    return items
  }
  const members: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const item = (value as Readonly<Record<string, unknown>>)[key]
    setMember(members, key, isSecretMember(key, item, rules) ? REDACTED : yield * redactInParts(item, rules, depth + 1))
  }
  return members
}

function * redactLongText (text: string, { patterns }: RedactionRules): Generator<unknown, string> {
  let redacted = ''
  for (const piece of redactedPieces(text)) {
    redacted += piece
    yield
  }
  // Nobody knows what patterns of an application match: only the whole text tells.
  return redactPatterns(redacted, patterns)
}
