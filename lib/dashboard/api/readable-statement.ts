import { LETTA_OTEL_SQL_REFUSED } from '../../errors.ts'
import type { Engine } from '../../store/engine.ts'
import { withoutEnd } from '../../store/sql-names.ts'

/** Without FROM, these read files of the machine: `readonly` holds table functions back, but no others. */
const FILE_FUNCTIONS: ReadonlySet<string> = new Set(['file', 'catboostevaluate'])
const ABOUT_TABLES = /^(?:SHOW (?:TABLES|DATABASES)|DESCRIBE TABLE [\w.`]+)$/
const FUNCTION = /^\s*Function (\S+)/
/** Settings of a part of the statement count for that part, `readonly` too. Those of the whole, which the store gives, stand less deep. */
const SETTINGS = /^ {2,}Set\b/

/**
 * A statement as it may be run under `readonly`: one, and one that does nothing else than give rows. `readonly` alone would let
 * several statements through (its settings are those of the last), one that writes a file with its rows, and one that ends others.
 * Whether it is one is the engine's own parser's word; where it stands as a subquery, nothing but a SELECT is a statement.
 *
 * @throws {LETTA_OTEL_SQL_REFUSED} it is not
 */
export async function readableStatement (engine: Pick<Engine, 'query'>, sql: string, signal: AbortSignal): Promise<string> {
  const single = await parsed(engine, sql, signal)
  if (ABOUT_TABLES.test(single)) return single
  const statement = `SELECT * FROM (\n${single}\n)`
  const tree = await refusing(async () => await engine.query<{ explain: string }>(`EXPLAIN AST ${statement}`, {}, { signal }))
  if (tree.some(({ explain }) => SETTINGS.test(explain))) throw new LETTA_OTEL_SQL_REFUSED('it changes settings', 'leave SETTINGS out')
  const readsFiles = tree.map(({ explain }) => FUNCTION.exec(explain)?.[1]?.toLowerCase() ?? '').find(name => FILE_FUNCTIONS.has(name))
  if (readsFiles !== undefined) throw new LETTA_OTEL_SQL_REFUSED(`${readsFiles}() reads files of this machine`, 'read tables')
  return statement
}

async function parsed (engine: Pick<Engine, 'query'>, sql: string, signal: AbortSignal): Promise<string> {
  const [row] = await refusing(async () => await engine.query<{ text?: string }>('SELECT formatQuery({sql:String}) AS text', { sql: withoutEnd(sql) }, { signal }))
  if (row?.text === undefined) throw new LETTA_OTEL_SQL_REFUSED('the engine cannot tell what it does', 'write one SELECT')
  return row.text
}

/** What the engine cannot parse is the statement's fault, and the engine says where. */
async function refusing<Value> (ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask()
  } catch (problem) {
    const { clickhouseCode, message } = problem as { clickhouseCode?: number, message: string }
    if (clickhouseCode === undefined) throw problem
    throw new LETTA_OTEL_SQL_REFUSED(message.replace(/^.*?DB::Exception: /, ''), 'write one SELECT, which may read but change nothing')
  }
}
