import { createHash } from 'node:crypto'
import type { RedactionRules } from '../redaction/redact-json.ts'
import { redactInParts } from '../redaction/redact-in-parts.ts'
import type { ProviderTracePayloadRow } from '../store/rows.ts'
import type { AnswerText } from './answer-text.ts'
import { captureValue } from './capture-value.ts'
import { jsonInParts } from './json-in-parts.ts'
import { PAYLOAD_BOUNDS, withoutLastWord } from './payload-bounds.ts'
import { shrinkJson } from './shrink-json.ts'
import { truncateJson } from './truncate-json.ts'

/** A payload as it is kept. */
export interface KeptPayload {
  /** Valid JSON. */
  readonly json: string
  /** Characters before anything was cut off; of what is too much to be looked at, bytes where they are known. */
  readonly originalSize: number
  /** SHA-256 of the redacted text before anything was cut off, as far as it was looked at, hexadecimal. */
  readonly sha256: string
}

const NO_PAYLOAD: KeptPayload = Object.freeze({ json: '', originalSize: 0, sha256: '' })

/** Bytes of JSON that cannot hold too much. */
const SMALL = 65_536

/** Characters that are hashed in one piece. */
const HASH_PART = 262_144

/** What is done with payloads before they are kept. */
export interface PayloadRules {
  readonly redaction: RedactionRules
  /** Characters kept of a request, and of an answer. */
  readonly maxSize: number
}

/** The making of a payload, which may be left wherever it yields: a long one takes many times as long as a turn may. */
export type Making<Result = KeptPayload> = Generator<unknown, Result>

/** The row of a call's payloads; what was not seen is `''` in it. */
export function payloadRow (
  of: Pick<ProviderTracePayloadRow, 'id' | 'organization_id' | 'step_id' | 'created_at'>, request = NO_PAYLOAD, response = NO_PAYLOAD
): ProviderTracePayloadRow {
  return {
    ...of,
    request_json: request.json,
    response_json: response.json,
    request_original_size: request.originalSize,
    response_original_size: response.originalSize,
    request_sha256: request.sha256,
    response_sha256: response.sha256
  }
}

/** A value that may have been left out. */
export function * keepGiven (value: unknown, rules: PayloadRules): Making<KeptPayload | undefined> {
  return value === undefined ? undefined : yield * keepValue(value, rules)
}

/** A request's body, redacted and cut off. */
export function * keepBody (body: Uint8Array, rules: PayloadRules): Making {
  return yield * keepBytes(Buffer.from(body.buffer, body.byteOffset, body.byteLength), rules)
}

/** An answer in one piece, as far as it was captured. */
export function * keepAnswerText (text: string, length: number, rules: PayloadRules): Making {
  if (length <= text.length) return yield * keepBytes(Buffer.from(text), rules)
  return { ...yield * keepBytes(Buffer.from(withoutLastWord(text)), rules), originalSize: length }
}

/** A streamed answer, put together again. */
export function * keepAssembled (answer: AnswerText, head: Readonly<Record<string, unknown>>, rules: PayloadRules): Making {
  const value = { ...head, ...answer.toValue() }
  if (!answer.isCut) return yield * keepValue(value, rules)
  const cut = JSON.parse(JSON.stringify(value), (_key, part: unknown) => typeof part === 'string' ? withoutLastWord(part) : part) as unknown
  return { ...yield * keepValue(cut, rules), originalSize: answer.length }
}

/** Any value that somebody hands over, within bounds. Never throws: what cannot be JSON says of what type it is. */
export function * keepValue (value: unknown, rules: PayloadRules): Making {
  const plain = (yield * captureValue(value)) ?? null
  yield
  return yield * keepPlain(yield * redactInParts(plain, rules.redaction), rules)
}

function * keepBytes (bytes: Buffer, rules: PayloadRules): Making {
  const shrunk = bytes.length <= SMALL ? bytes : yield * shrinkJson(bytes)
  yield
  // What is no JSON is kept as the text that it is.
  const parsed = shrunk === undefined ? undefined : parse(shrunk.toString())
  const isCut = parsed === undefined ? bytes.length > PAYLOAD_BOUNDS.characters : shrunk !== bytes
  const value = parsed ?? { json: isCut ? withoutLastWord(bytes.subarray(0, PAYLOAD_BOUNDS.characters).toString()) : bytes.toString() }
  yield
  const kept = yield * keepPlain(yield * redactInParts(value.json, rules.redaction), rules)
  return isCut ? { ...kept, originalSize: bytes.length } : kept
}

function parse (text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

function * keepPlain (redacted: unknown, { maxSize }: PayloadRules): Making {
  const text = yield * jsonInParts(redacted)
  yield
  const json = yield * truncateJson(redacted, maxSize, text)
  yield
  return { json, originalSize: text.length, sha256: yield * sha256(text) }
}

function * sha256 (text: string): Making<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < text.length;) {
    // The halves of one character are encoded together.
    const end = at + HASH_PART
    const cut = (text.codePointAt(end - 1) ?? 0) > 0xffff ? end + 1 : end
    hash.update(text.slice(at, cut))
    yield
    at = cut
  }
  return hash.digest('hex')
}
