/** A statement that brings rows, and where they begin. */
export interface InsertStatement {
  /** Up to the format, without it. */
  readonly head: string
  readonly format: string
  /** Characters behind which the rows are. */
  readonly length: number
}

const INSERT = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*INSERT\s/i
/** One line break, or blanks and one, belong to the statement. */
const FORMAT = /\bFORMAT\s+([A-Za-z]\w*)[ \t]*(?:\r?\n)?/i
const VALUES = /\bVALUES\s*$/i

export function isInsert (text: string): boolean {
  return INSERT.test(text)
}

/** What brings rows behind it in a format; undefined of all else, also of an insert whose rows are from a query. */
export function insertStatement (text: string): InsertStatement | undefined {
  if (!isInsert(text)) return undefined
  const format = FORMAT.exec(text)
  if (format !== null) return { head: text.slice(0, format.index), format: format[1]!, length: format.index + format[0].length }
  const values = VALUES.exec(text)
  return values === null ? undefined : { head: text.slice(0, values.index), format: 'Values', length: text.length }
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

export function quoteText (text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
