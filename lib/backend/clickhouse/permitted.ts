import { CLIENT_LIMITS } from '../access/engine-access.ts'
import { Exception } from './exception.ts'

/** Quoted texts and names, as the engine writes them. */
const QUOTED = /'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*"/gs

/**
 * A statement in the engine's own words, with everything quoted made unreadable, so that what is left are keywords, names and
 * numbers. Each character stays where it is.
 */
export function withoutQuoted (statement: string): string {
  return statement.replace(QUOTED, quoted => '_'.repeat(quoted.length))
}

/** What statements may begin with; BACKUP, RESTORE, ATTACH, GRANT, EXECUTE AS and what is still to come are not among them. */
const KINDS: ReadonlySet<string> = new Set([
  'SELECT', 'WITH', 'INSERT', 'SHOW', 'DESCRIBE', 'EXISTS', 'EXPLAIN', 'CHECK', 'USE', 'SET', 'KILL', 'SYSTEM',
  'CREATE', 'REPLACE', 'ALTER', 'DROP', 'UNDROP', 'TRUNCATE', 'RENAME', 'EXCHANGE', 'OPTIMIZE', 'DELETE', 'UPDATE'
])
/** Of tables and databases. Others, as EmbeddedRocksDB, would take a path, and no privilege of the engine keeps them from it. */
const ENGINES = /^(?:(?:Replacing|Summing|Aggregating|Collapsing|VersionedCollapsing|Coalescing|Graphite)?MergeTree|Memory|Null|Log|TinyLog|StripeLog|Buffer|Merge|Set|Join|GenerateRandom|Atomic)$/
const LIMIT_LIFTED = new RegExp(`\\b(?:${Object.keys(CLIENT_LIMITS).join('|')})\\s*=\\s*DEFAULT\\b`, 'i')

/**
 * Lets through what a client may ask. Sources, users and settings that name files are kept from clients by the engine's own
 * privileges; here is what these do not hold back.
 *
 * @param statement one, in the engine's own words
 * @throws {Exception} ACCESS_DENIED
 */
export function checkPermitted (statement: string): void {
  const words = withoutQuoted(statement)
  const kind = /^[(\s]*(\w*)/.exec(words)![1]!
  if (!KINDS.has(kind)) throw denied(`${kind} is not for clients of the local backend`)
  // On a command line, the client reads and writes these files itself.
  if (/\b(?:INTO OUTFILE|FROM INFILE)\b/.test(words)) throw denied('INTO OUTFILE and FROM INFILE are for command lines')
  if (/\bPARALLEL WITH\b/.test(words)) throw denied('PARALLEL WITH is not for clients of the local backend: send one statement after the other')
  // The engine's own default of these is no limit.
  if (LIMIT_LIFTED.test(words)) throw denied(`${Object.keys(CLIENT_LIMITS).join(' and ')} can be lowered, not lifted`)
  // A disk of its own could be any directory or address, and is opened before privileges are looked at.
  if (/=\s*disk\s*\(/i.test(words)) throw denied('a disk cannot be defined by a statement')
  if (!/^(?:CREATE|REPLACE)$/.test(kind)) return
  for (const { 0: clause, index } of words.matchAll(/\bENGINE = \w*/g)) {
    // Some names are quoted, as those that are keywords too.
    const name = statement.slice(index + 'ENGINE = '.length, index + clause.length).replace(/^`(\w*)`$/, '$1')
    if (!ENGINES.test(name)) throw denied(`ENGINE = ${name} is not for clients of the local backend: use one of the MergeTree family, Memory or Null`)
  }
}

/** ClickHouse's own answer to what a user may not do. */
export function denied (what: string): Exception {
  return Exception.of(497, 'ACCESS_DENIED', what)
}
