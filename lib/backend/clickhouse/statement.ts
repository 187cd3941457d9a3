import { withoutQuoted } from './permitted.ts'

const HEREDOC = /\$\w*\$/y
const WORD = /\w[\w$]*/y
/** The format's name, and one line break, which belongs to the statement. */
const FORMAT_NAME = /\s+([A-Za-z]\w*)[ \t]*(?:\r?\n)?/y

/**
 * Characters of an insert behind which its rows are: behind VALUES or FORMAT; undefined of all else, also of an insert whose rows are
 * from a query.
 */
export function lengthOfInsert (text: string): number | undefined {
  const source = sourceOfRows(text)
  if (source?.word === 'VALUES') return source.end
  if (source?.word !== 'FORMAT') return undefined
  FORMAT_NAME.lastIndex = source.end
  return FORMAT_NAME.test(text) ? FORMAT_NAME.lastIndex : undefined
}

/** The first word of an insert, outside of parentheses and behind the table's name, that says where rows come from. */
function sourceOfRows (text: string): { word: string, end: number } | undefined {
  let depth = 0
  let isInsert = false
  let isNamed = false
  let last = ''
  for (let at = 0, end: number; at < text.length; at = end) {
    end = endOfToken(text, at)
    const word = text.slice(at, end).toUpperCase()
    if (/^(?:\s|--|#[ !]|\/\*)/.test(word)) continue
    if (!isInsert) {
      if (word !== 'INSERT') return undefined
      isInsert = true
    } else if (word === '(') depth += 1
    else if (word === ')') depth -= 1
    else if (depth > 0) continue
    else if (!isNamed) isNamed = /^[\w`"']/.test(word) && !/^(?:INTO|TABLE|FUNCTION)$/.test(word)
    else if (last !== '.' && /^(?:FORMAT|VALUES|SELECT|WITH)$/.test(word)) return { word, end }
    last = word
  }
  return undefined
}

/**
 * Where a word, a comment or what is quoted ends; anything else is one character. What has no end goes on until that of the text, so
 * that no character is looked at again and again, whatever a client sends.
 */
function endOfToken (text: string, at: number): number {
  switch (text[at]) {
    case "'": case '"': case '`': return endOfQuoted(text, at)
    case '$': return endOfHeredoc(text, at)
    case '-': return text[at + 1] === '-' ? endBehind(text, '\n', at) : at + 1
    case '#': return text[at + 1] === ' ' || text[at + 1] === '!' ? endBehind(text, '\n', at) : at + 1
    case '/': return text[at + 1] === '*' ? endBehind(text, '*/', at + 2) : at + 1
  }
  WORD.lastIndex = at
  return WORD.test(text) ? WORD.lastIndex : at + 1
}

/** A doubled quote ends one text and begins another, which comes to the same here. */
function endOfQuoted (text: string, at: number): number {
  const quote = text[at]
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === '\\') next += 1
    else if (text[next] === quote) return next + 1
  }
  return text.length
}

function endOfHeredoc (text: string, at: number): number {
  HEREDOC.lastIndex = at
  const tag = HEREDOC.exec(text)?.[0]
  return tag === undefined ? at + 1 : endBehind(text, tag, at + tag.length)
}

function endBehind (text: string, what: string, from: number): number {
  const at = text.indexOf(what, from)
  return at === -1 ? text.length : at + what.length
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

/** A statement whose answer goes into a file. @param statement in the engine's own words @param format where it names none */
export function answerIntoFile (statement: string, path: string, format: string): string {
  const at = withoutQuoted(statement).search(/\sFORMAT \w+(?:\s+SETTINGS\s[^()]*)?\s*$/)
  const into = `INTO OUTFILE ${quoteText(path)}`
  return at === -1 ? `${statement}\n${into} FORMAT ${format}` : `${statement.slice(0, at)}\n${into}${statement.slice(at)}`
}

/** An insert of a query's rows, which has no format: the engine would take what is behind it for rows. */
export function withoutFormat (statement: string): string {
  return statement.slice(0, withoutQuoted(statement).search(/\sFORMAT \w+\s*$/))
}

export function quoteText (text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
