import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { runBounded, type AnswerRoom } from './bounded-answer.ts'
import type { Budget } from './budget.ts'
import { readBlocks, writeBlocks } from './compressed-blocks.ts'
import { Exception } from './exception.ts'
import { nativeForRevision } from './native-blocks.ts'
import { checkPermitted } from './permitted.ts'
import type { QueryRequest } from './query-request.ts'
import { underSettings } from './request-settings.ts'
import { runStatement } from './run-statement.ts'
import type { StatementParser } from './statement-parser.ts'
import { formatOf, insertFromFile, lengthOfInsert, withoutFormat } from './statement.ts'

/** What is answered. */
export interface QueryAnswer {
  readonly format: string
  /** Bytes that follow one another. */
  readonly parts: readonly Uint8Array[]
  /** Bytes that are counted among all answers, for whoever sends this one to give back. */
  readonly held: number
}

export interface AnswerTools extends AnswerRoom {
  readonly maxBodyBytes: number
  /** Of bodies, which are larger without ClickHouse's own compression. */
  readonly bodies: Budget
  readonly parser: StatementParser
}

const DEFAULT_FORMAT = 'TabSeparated'
/** Of a body that is statement and rows in one, the part in which the statement has to end. */
const STATEMENT_MAX = 256 * 1024
/** Bytes of a body that is a statement and nothing else: many more than the parser takes characters. */
const TEXT_MAX = 64 * 1024 * 1024

/**
 * Runs what a request asks.
 *
 * @throws {Exception} it is not permitted, or in the engine's words, when it refused
 */
export async function answerQuery (session: EmbeddedSession, request: QueryRequest, body: Buffer, tools: AnswerTools): Promise<QueryAnswer> {
  const { maxBodyBytes, bodies, parser } = tools
  let held = 0
  const take = (bytes: number): void => {
    bodies.take(bytes)
    held += bytes
  }
  try {
    const sent = request.isBodyCompressed && body.length > 0 ? await readBlocks(body, maxBodyBytes, take) : body
    const { text, rows } = statementOf(request, sent)
    const statement = await parser.parse(text)
    checkPermitted(statement)
    return await underSettings(session, request, statement, async () => await runPermitted(session, request, { statement, text, rows, room: tools }))
  } finally {
    bodies.give(held)
  }
}

interface Permitted extends Statement {
  /** In the engine's own words. */
  readonly statement: string
  readonly room: AnswerRoom
}

async function runPermitted (session: EmbeddedSession, request: QueryRequest, { statement, text, rows, room }: Permitted): Promise<QueryAnswer> {
  const format = formatOf(statement)
  if (rows !== undefined) {
    if (format === undefined) throw Exception.of(62, 'SYNTAX_ERROR', 'an insert of rows that are in no format')
    if (rows.length > 0) await insertRows(session, statement, rows, room.directory)
    return { format, parts: [], held: 0 }
  }
  const bytes = await runBounded(session, runnable(statement, format, text), request.format ?? DEFAULT_FORMAT, room)
  const given = format ?? request.format ?? DEFAULT_FORMAT
  try {
    const parts = given === 'Native' ? await nativeForRevision(bytes, request.revision) : [bytes]
    return { format: given, parts: request.isCompressed ? await writeBlocks(parts) : parts, held: bytes.length }
  } catch (problem) {
    room.answers.give(bytes.length)
    throw problem
  }
}

/** Rows that were not found where they begin would be lost without a word. */
function runnable (statement: string, format: string | undefined, text: string): string {
  if (format === undefined || !statement.startsWith('INSERT')) return statement
  if (!new RegExp(`\\bFORMAT\\s+${format}[;\\s]*$`, 'i').test(text)) throw Exception.of(48, 'NOT_IMPLEMENTED', 'rows behind a query that inserts: make a temporary table of them, in a session')
  return withoutFormat(statement)
}

interface Statement {
  readonly text: string
  /** Behind an insert. */
  readonly rows?: Buffer | undefined
}

/** The statement may be in the address or in the body, or begin in one and end in the other. */
function statementOf ({ query }: QueryRequest, body: Buffer): Statement {
  if (query !== undefined) {
    const length = lengthOfInsert(query)
    // Rows that begin in the address go on in the body.
    if (length !== undefined) return { text: query.slice(0, length), rows: Buffer.concat([Buffer.from(query.slice(length)), body]) }
    return { text: body.length === 0 ? query : `${query}\n${textOf(body)}` }
  }
  // Rows may be bytes that are no text: the statement alone is one.
  const length = lengthOfInsert(body.toString('latin1', 0, STATEMENT_MAX))
  if (length !== undefined) return { text: body.toString('utf8', 0, length), rows: body.subarray(length) }
  return { text: textOf(body) }
}

function textOf (body: Buffer): string {
  if (body.length > TEXT_MAX) throw Exception.of(62, 'SYNTAX_ERROR', `Max query size exceeded: a statement without rows has at most ${TEXT_MAX} bytes`)
  return body.toString()
}

async function insertRows (session: EmbeddedSession, statement: string, rows: Buffer, directory: string): Promise<void> {
  const path = join(directory, randomUUID())
  await writeFile(path, rows, { mode: 0o600, flag: 'wx' })
  try {
    await runStatement(session, insertFromFile(statement, path), 'Null')
  } catch (problem) {
    throw new Exception((problem as Exception).message.replaceAll(` (in file/uri ${path})`, ''))
  } finally {
    await rm(path, { force: true })
  }
}
