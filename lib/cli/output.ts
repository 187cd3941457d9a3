import Table from 'cli-table3'
import type { ColumnKind } from '../store/queries/columns.ts'
import { formatValue, isNumeric } from './format-value.ts'

/** Where text goes; a part of what a stream of the process is. */
export interface Sink {
  write (text: string): unknown
  readonly isTTY?: boolean | undefined
}

/** Answers go to standard output, as a table or as JSON; what is said while work goes on goes to standard error. */
export class Output {
  readonly #answers: Sink
  readonly #remarks: Sink
  /** Answers are JSON. */
  readonly json: boolean

  constructor (answers: Sink, remarks: Sink, json: boolean) {
    this.#answers = answers
    this.#remarks = remarks
    this.json = json
  }

  /** Rows as a table; with `--json`, `value` or the rows themselves. */
  rows<Name extends string> (columns: Readonly<Record<Name, ColumnKind>>, rows: ReadonlyArray<{ readonly [N in NoInfer<Name>]: unknown }>, value: unknown = rows): void {
    if (this.json) {
      this.#answers.write(`${JSON.stringify(value, null, 2)}\n`)
      return
    }
    const kinds = Object.entries(columns) as Array<[Name, ColumnKind]>
    const table = new Table({
      // Values say their units themselves.
      head: kinds.map(([name]) => name.replace(/_(?:ms|usd)$/, '').replaceAll('_', ' ')),
      colAligns: kinds.map(([, kind]) => isNumeric(kind) ? 'right' : 'left'),
      style: { head: [], border: [], compact: true }
    })
    table.push(...rows.map(row => kinds.map(([name, kind]) => formatValue(kind, row[name]))))
    this.#answers.write(rows.length === 0 ? 'nothing found\n' : `${table.toString()}\n`)
  }

  /** One thing: in words, or with `--json` as it is. */
  answer (value: unknown, text: string): void {
    if (this.json) this.#answers.write(`${JSON.stringify(value, null, 2)}\n`)
    else this.say(text)
  }

  /** Text as it is; with `--json`, as a JSON string. */
  text (text: string): void {
    this.#answers.write(`${this.json ? JSON.stringify(text) : text.trim()}\n`)
  }

  /** A sentence for people; not part of JSON. */
  say (text: string): void {
    if (!this.json) this.#answers.write(`${text}\n`)
  }

  /** How far long work is, on a terminal alone; the next call writes over it. */
  progress (text: string): void {
    if (this.#remarks.isTTY === true) this.#remarks.write(`\r\u001B[K${text}`)
  }

  /** Takes the last word about progress away. */
  endProgress (): void {
    this.progress('')
  }
}
