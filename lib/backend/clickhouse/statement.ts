/** A statement that brings rows, and where they begin. */
export interface InsertStatement {
  /** Up to the format, without it. */
  readonly head: string
  readonly format: string
  /** Characters behind which the rows are. */
  readonly length: number
}

const INSERT = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*INSERT\s/i
/** What is quoted, what is commented, a parenthesis or a word. */
const TOKEN = /'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"|--[^\n]*|\/\*[\s\S]*?\*\/|[()]|\w+/gsy
/** The format's name, and one line break, which belongs to the statement. */
const FORMAT_NAME = /\s+([A-Za-z]\w*)[ \t]*(?:\r?\n)?/y

export function isInsert (text: string): boolean {
  return INSERT.test(text)
}

/** What brings rows behind it in a format; undefined of all else, also of an insert whose rows are from a query or stand in its text. */
export function insertStatement (text: string): InsertStatement | undefined {
  if (!isInsert(text)) return undefined
  const word = sourceOfRows(text)
  if (word === undefined) return undefined
  const { start, end } = word
  const head = text.slice(0, start)
  switch (text.slice(start, end).toUpperCase()) {
    case 'VALUES': return text.slice(end).trim() === '' ? { head, format: 'Values', length: text.length } : undefined
    case 'FORMAT': {
      FORMAT_NAME.lastIndex = end
      const name = FORMAT_NAME.exec(text)
      return name === null ? undefined : { head, format: name[1]!, length: FORMAT_NAME.lastIndex }
    }
    default: return undefined
  }
}

/** The first word outside of parentheses that says where rows come from. */
function sourceOfRows (text: string): { start: number, end: number } | undefined {
  let depth = 0
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at
    const token = TOKEN.exec(text)?.[0]
    if (token === undefined) {
      at += 1
      continue
    }
    if (token === '(') depth += 1
    else if (token === ')') depth -= 1
    else if (depth === 0 && /^(?:FORMAT|VALUES|SELECT|WITH)$/i.test(token)) return { start: at, end: at + token.length }
    at += token.length
  }
  return undefined
}

/** The same insert with rows from a file. */
export function insertFromFile ({ head, format }: InsertStatement, path: string): string {
  const settings = /\bSETTINGS\b/i.exec(head)
  const into = settings === null ? head : head.slice(0, settings.index)
  const rest = settings === null ? '' : head.slice(settings.index)
  return `${into} FROM INFILE ${quoteText(path)} ${rest} FORMAT ${format}`
}

/** The format that a query names for its answer. */
export function formatOf (text: string): string | undefined {
  return /\bFORMAT\s+([A-Za-z]\w*)\s*(?:SETTINGS\b[^']*(?:'[^']*'[^']*)*)?;?\s*$/i.exec(text)?.[1]
}

/** Whether a statement may name a file of this machine: worth a closer look. */
export function mayNameFile (text: string): boolean {
  return /\b(?:OUTFILE|INFILE)\b/i.test(text)
}

/** @param text as the engine formats it: keywords in capitals, without comments */
export function namesFile (text: string): boolean {
  return /\b(?:INTO OUTFILE|FROM INFILE)\b/.test(text.replace(/'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"/gs, "''"))
}

export function quoteText (text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
