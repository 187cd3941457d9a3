import { withoutQuoted } from './permitted.ts'

const COMMENT = String.raw`--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/`
const INSERT = new RegExp(String.raw`^(?:\s|${COMMENT})*INSERT\b`, 'i')
/** What is quoted, what is commented, a parenthesis, a point or a word. */
const TOKEN = new RegExp(String.raw`'(?:[^'\\]|\\.|'')*'|\`(?:[^\`\\]|\\.)*\`|"(?:[^"\\]|\\.)*"|\$(\w*)\$.*?\$\1\$|${COMMENT}|[().]|\w+`, 'sy')
/** The format's name, and one line break, which belongs to the statement. */
const FORMAT_NAME = /\s+([A-Za-z]\w*)[ \t]*(?:\r?\n)?/y

/**
 * Characters of an insert behind which its rows are: behind VALUES or FORMAT; undefined of all else, also of an insert whose rows are
 * from a query.
 */
export function lengthOfInsert (text: string): number | undefined {
  if (!INSERT.test(text)) return undefined
  const source = sourceOfRows(text)
  if (source?.word === 'VALUES') return source.end
  if (source?.word !== 'FORMAT') return undefined
  FORMAT_NAME.lastIndex = source.end
  return FORMAT_NAME.test(text) ? FORMAT_NAME.lastIndex : undefined
}

/** The first word outside of parentheses, behind the table's name, that says where rows come from. */
function sourceOfRows (text: string): { word: string, end: number } | undefined {
  let depth = 0
  let isNamed = false
  let last = ''
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at
    const token = TOKEN.exec(text)?.[0]
    if (token === undefined) {
      at += 1
      continue
    }
    at += token.length
    const word = token.toUpperCase()
    if (token === '(') depth += 1
    else if (token === ')') depth -= 1
    else if (depth > 0 || /^(?:--|#|\/\*)/.test(token)) continue
    else if (!isNamed) isNamed = !/^(?:INSERT|INTO|TABLE|FUNCTION)$/.test(word)
    else if (last !== '.' && /^(?:FORMAT|VALUES|SELECT|WITH)$/.test(word)) return { word, end: at }
    last = token
  }
  return undefined
}

/** The format that a statement names for its answer, or has its rows in. @param statement in the engine's own words */
export function formatOf (statement: string): string | undefined {
  return /\bFORMAT (\w+)(?:\s+SETTINGS\s[^()]*)?\s*$/.exec(withoutQuoted(statement))?.[1]
}

/** An insert with rows from a file. @param statement in the engine's own words */
export function insertFromFile (statement: string, path: string): string {
  const words = withoutQuoted(statement)
  const settings = words.search(/\sSETTINGS\s/)
  const at = settings === -1 ? words.search(/\sFORMAT \w+\s*$/) : settings
  return `${statement.slice(0, at)} FROM INFILE ${quoteText(path)}${statement.slice(at)}`
}

/** An insert of a query's rows, which has no format: the engine would take what is behind it for rows. */
export function withoutFormat (statement: string): string {
  return statement.slice(0, withoutQuoted(statement).search(/\sFORMAT \w+\s*$/))
}

export function quoteText (text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
