import { redactBeginning } from '../redaction/redact-text.ts'
import type { ParameterLimits } from '../vocabulary/method-tracing.ts'
import { bigintText, failureText } from './describe-value.ts'
import { CLOSE_LOOK, ValueWalk } from './value-walk.ts'

/** A value as text, as far as it was kept. */
export interface ValueText {
  readonly text: string
  readonly truncated: boolean
  /** It may have taken long: JavaScript lists all keys of an object before it gives the first, and a `toJSON` takes what it takes. */
  readonly unbounded?: true
}

/**
 * A value as text: a string as it is, plain objects and collections as JSON, and the type of what is neither. Never more is
 * read of the value than the limit keeps, no getter runs, nothing is thrown, and what is a secret by its key or form is left out.
 *
 * @param limit characters of the text, without what says that it was cut off
 */
export function valueText (value: unknown, { value: limit, items }: Pick<ParameterLimits, 'value' | 'items'>): ValueText {
  if (typeof value === 'string') return stringText(value, limit)
  if (typeof value === 'bigint') return fitted(bigintText(value), limit)
  const walk = new ValueWalk(limit, items)
  try {
    walk.add(value)
  } catch (error) {
    return fitted(failureText(error), limit)
  }
  const kept = walk.isFull ? cutOff(walk.text, limit, `more than ${limit}`) : whole(walk.text)
  return walk.isUnbounded ? { ...kept, unbounded: true } : kept
}

function stringText (value: string, limit: number): ValueText {
  const { text, isCut } = redactBeginning(value, limit, { left: CLOSE_LOOK })
  return isCut || text.length > limit ? cutOff(text, limit, String(value.length)) : whole(text)
}

function whole (text: string): ValueText {
  return { text, truncated: false }
}

function fitted (text: string, limit: number): ValueText {
  return text.length <= limit ? whole(text) : cutOff(text, limit, String(text.length))
}

function cutOff (text: string, limit: number, size: string): ValueText {
  return { text: `${text.slice(0, limit)}… (truncated, original size: ${size} chars)`, truncated: true }
}
