import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { isPlainName, quoteName } from '../../store/sql-names.ts'
import { CLIENT_LIMITS } from '../access/engine-access.ts'
import { Exception } from './exception.ts'
import type { QueryRequest } from './query-request.ts'
import { runStatement } from './run-statement.ts'
import { quoteText } from './statement.ts'

/** What a session that is kept had, of what a request changes. */
interface Before {
  readonly database: string
  /** Undefined where it was the engine's own. */
  readonly settings: ReadonlyMap<string, string | undefined>
}

const READS = /^[(\s]*(?:SELECT|WITH|SHOW|DESCRIBE|EXISTS|EXPLAIN|SET|USE)\b/

/**
 * Runs a statement under its request's database, parameters and settings. Of a session that is kept, database and settings are then
 * as they were before; the engine has no way to forget the value of a parameter.
 *
 * @param statement in the engine's own words
 */
export async function underSettings<T> (session: EmbeddedSession, request: QueryRequest, statement: string, work: () => Promise<T>): Promise<T> {
  const isKept = request.session !== undefined
  const changes = changesOf(request)
  // A link or an image must not change anything, whatever it says of itself. A session that is kept could never be written in again.
  const isReading = request.method !== 'POST' || /^[12]$/.test(changes.get('readonly') ?? '')
  if (isReading && isKept) {
    if (!READS.test(statement)) throw Exception.of(164, 'READONLY', 'Cannot execute query in readonly mode: use POST')
    changes.delete('readonly')
  } else if (isReading && request.method !== 'POST' && !/^[12]$/.test(changes.get('readonly') ?? '')) changes.set('readonly', '2')
  if (!isKept) {
    await prepare(session, request, changes)
    return await work()
  }
  // What these say is for those that follow.
  if (/^(?:SET|USE)\b/.test(statement)) return await work()
  const before = await stateOf(session, [...changes.keys(), ...Object.keys(CLIENT_LIMITS)])
  // What the session was told itself counts, where the request says nothing; the engine takes 0 again where it is 0 already.
  for (const name of Object.keys(CLIENT_LIMITS)) if (!request.settings.has(name) && Number(before.settings.get(name)) > 0) changes.delete(name)
  try {
    await prepare(session, request, changes)
    return await work()
  } finally {
    await restore(session, before, changes)
  }
}

/** Settings of the request within their limits, and the limits themselves where it says nothing. */
function changesOf ({ settings }: QueryRequest): Map<string, string> {
  const changes = new Map(Object.entries(CLIENT_LIMITS).map(([name, { most }]) => [name, String(most)]))
  for (const [name, value] of settings) {
    if (!isPlainName(name)) throw Exception.of(115, 'UNKNOWN_SETTING', `${JSON.stringify(name.slice(0, 100))} is no setting`)
    const most = Object.hasOwn(CLIENT_LIMITS, name) ? CLIENT_LIMITS[name]!.most : undefined
    const isTooMuch = most !== undefined && (Number(value) === 0 || Number(value) > most)
    // In the order of the request: the engine applies them one after the other.
    changes.delete(name)
    changes.set(name, isTooMuch ? String(most) : value)
  }
  return changes
}

async function prepare (session: EmbeddedSession, { database, parameters }: QueryRequest, changes: ReadonlyMap<string, string>): Promise<void> {
  const statements = [
    ...database === undefined || database === '' ? [] : [`USE ${quoteName(database)}`],
    ...[...parameters].map(([name, value]) => `SET ${parameterName(name)} = ${quoteText(value)}`),
    ...changes.size === 0 ? [] : [`SET ${[...changes].map(([name, value]) => `${name} = ${quoteText(value)}`).join(', ')}`]
  ]
  if (statements.length > 0) await runStatement(session, statements.join(';\n'), 'Null')
}

function parameterName (name: string): string {
  if (!isPlainName(name)) throw Exception.of(36, 'BAD_ARGUMENTS', `${JSON.stringify(name.slice(0, 100))} is no name of a parameter`)
  return name
}

async function stateOf (session: EmbeddedSession, names: readonly string[]): Promise<Before> {
  const list = [...new Set(names)].map(quoteText).join(', ')
  const answer = await runStatement(session, `SELECT currentDatabase(), groupArray((name, value)) FROM system.settings WHERE changed AND name IN (${list})`, 'JSONCompactEachRow')
  const [database, changed] = JSON.parse(Buffer.from(answer).toString()) as [string, Array<[string, string]>]
  return { database, settings: new Map(changed) }
}

async function restore (session: EmbeddedSession, { database, settings }: Before, changes: ReadonlyMap<string, string>): Promise<void> {
  const values = [...changes.keys()].map(name => {
    const value = settings.get(name)
    return `${name} = ${value === undefined ? 'DEFAULT' : quoteText(value)}`
  })
  // One that does not exist is why the request failed.
  for (const value of values) await runStatement(session, `SET ${value}`, 'Null').catch(() => {})
  await runStatement(session, `USE \`${database.replace(/[\\`]/g, '\\$&')}\``, 'Null').catch(() => {})
}
