import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { isPlainName, quoteName } from '../../store/sql-names.ts'
import { readBlocks, writeBlocks } from './compressed-blocks.ts'
import { Exception } from './exception.ts'
import { nativeForRevision } from './native-blocks.ts'
import type { QueryRequest } from './query-request.ts'
import { formatOf, insertFromFile, insertStatement, isInsert, mayNameFile, namesFile, quoteText, type InsertStatement } from './statement.ts'

/** What is answered. */
export interface QueryAnswer {
  readonly format: string
  readonly bytes: Uint8Array
}

export interface AnswerTools {
  /** Where rows are written before they are inserted. */
  readonly directory: string
  readonly maxBodyBytes: number
}

const DEFAULT_FORMAT = 'TabSeparated'
/** Where a request does not say: nothing can stop a query that its client has left. */
const QUERY_SECONDS = '300'
/** Of a body that is statement and rows in one, the part in which the statement has to end. */
const STATEMENT_MAX = 256 * 1024

/**
 * Runs what a request asks.
 *
 * @throws {Exception} in the engine's words, when it refused
 */
export async function answerQuery (session: EmbeddedSession, request: QueryRequest, body: Buffer, { directory, maxBodyBytes }: AnswerTools): Promise<QueryAnswer> {
  const sent = request.isBodyCompressed && body.length > 0 ? readBlocks(body, maxBodyBytes) : body
  const { text, rows, insert } = statementOf(request, sent)
  if (text.trim() === '') throw Exception.of(62, 'SYNTAX_ERROR', 'Empty query')
  await prepare(session, request)
  await refuseFiles(session, text)
  const format = formatOf(text) ?? request.format ?? DEFAULT_FORMAT
  if (insert !== undefined && rows !== undefined) {
    if (rows.length > 0) await insertRows(session, insert, rows, directory)
    return { format, bytes: new Uint8Array(0) }
  }
  const bytes = await run(session, text, request.format ?? DEFAULT_FORMAT)
  const asked = format === 'Native' ? nativeForRevision(bytes, request.revision) : bytes
  return { format, bytes: request.isCompressed ? writeBlocks(asked) : asked }
}

interface Statement {
  readonly text: string
  readonly insert?: InsertStatement | undefined
  readonly rows?: Buffer
}

/** The statement may be in the address or in the body, or begin in one and end in the other. */
function statementOf ({ query }: QueryRequest, body: Buffer): Statement {
  if (query !== undefined && isInsert(query)) {
    const insert = insertStatement(query)
    // Rows that begin in the address go on in the body.
    if (insert !== undefined) return { text: query, insert, rows: Buffer.concat([Buffer.from(query.slice(insert.length)), body]) }
  }
  if (query !== undefined) return { text: body.length === 0 ? query : `${query}\n${body.toString()}` }
  // Rows may be bytes that are no text: the statement alone is one.
  const beginning = body.toString('latin1', 0, STATEMENT_MAX)
  const insert = insertStatement(beginning)
  if (insert === undefined || beginning.slice(insert.length).trim() === '') return { text: body.toString() }
  const text = body.toString('utf8', 0, insert.length)
  return { text, insert: { ...insert, head: Buffer.from(insert.head, 'latin1').toString() }, rows: body.subarray(insert.length) }
}

/** Database, parameters and settings are those of the request's session. */
async function prepare (session: EmbeddedSession, { database, parameters, settings, method }: QueryRequest): Promise<void> {
  const changes = [...settings].map(([name, value]) => {
    if (!isPlainName(name)) throw Exception.of(115, 'UNKNOWN_SETTING', `${JSON.stringify(name.slice(0, 100))} is no setting`)
    return `${name} = ${quoteText(value)}`
  })
  // On a command line, what is no statement is an expression.
  if (!settings.has('implicit_select')) changes.unshift('implicit_select = 0')
  if (!settings.has('max_execution_time')) changes.unshift(`max_execution_time = ${QUERY_SECONDS}`)
  // A link or an image must not change anything.
  if (method === 'GET' && !settings.has('readonly')) changes.push('readonly = 2')
  const statements = [
    ...database === undefined || database === '' ? [] : [`USE ${quoteName(database)}`],
    ...[...parameters].map(([name, value]) => `SET ${parameterName(name)} = ${quoteText(value)}`),
    `SET ${changes.join(', ')}`
  ]
  await run(session, statements.join(';\n'), 'Null')
}

function parameterName (name: string): string {
  if (!isPlainName(name)) throw Exception.of(36, 'BAD_ARGUMENTS', `${JSON.stringify(name.slice(0, 100))} is no name of a parameter`)
  return name
}

/** A server writes and reads no files for a client; the engine would, as if it were asked on a command line. */
async function refuseFiles (session: EmbeddedSession, text: string): Promise<void> {
  if (!mayNameFile(text)) return
  // In the engine's own words, whatever the statement was written like.
  const formatted = await run(session, `SELECT formatQuery(${quoteText(text)})`, 'TabSeparatedRaw')
  if (!namesFile(Buffer.from(formatted).toString())) return
  throw Exception.of(36, 'BAD_ARGUMENTS', 'INTO OUTFILE and FROM INFILE are for command lines')
}

async function insertRows (session: EmbeddedSession, insert: InsertStatement, rows: Buffer, directory: string): Promise<void> {
  const path = join(directory, randomUUID())
  await writeFile(path, rows, { mode: 0o600, flag: 'wx' })
  try {
    await run(session, insertFromFile(insert, path), 'Null')
  } catch (problem) {
    throw new Exception((problem as Exception).message.replaceAll(` (in file/uri ${path})`, ''))
  } finally {
    await rm(path, { force: true })
  }
}

async function run (session: EmbeddedSession, sql: string, format: string): Promise<Uint8Array> {
  try {
    return await session.run(sql, format)
  } catch (problem) {
    throw new Exception(((problem as Error).cause as Error).message)
  }
}
