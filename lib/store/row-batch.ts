import { needsDivision, isRefusal } from './engine-error.ts'

/** Rows of one table that are written by one insert. */
export interface RowBatch {
  readonly table: string
  /** The same each time this batch is tried: of several successes one counts. */
  readonly token: string
  /** JSONEachRow, each row with its end of line. */
  readonly body: Buffer
  readonly rows: number
}

export type InsertRows = (batch: RowBatch) => Promise<void>

/** What became of a batch that the engine has dealt with. */
export interface BatchOutcome {
  readonly written: number
  /** Rows that the engine will never take. */
  readonly rejected: number
  readonly problem?: string
}

/**
 * Refusals in succession after which no part is divided further until one was written. A bad row costs about 2·log₂(rows) inserts,
 * so that all bad rows are found where good ones lie between them; only of more than 200 bad rows beside one another, the good ones
 * in the same part go with them. Without this, rows that are all bad would cost two inserts each.
 */
const FRUITLESS_MAX = 512

/**
 * Inserts a batch; where the engine refuses rows, halves of it, until the rows at fault are left out.
 * A part's token follows from the whole's, so that a repetition after a crash divides alike.
 *
 * @throws what an insert rejects with that may work later
 */
export async function insertBatch (insert: InsertRows, batch: RowBatch): Promise<BatchOutcome> {
  let fruitless = 0
  let written = 0
  let problem: string | undefined
  const parts = [batch]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    try {
      await insert(part)
      written += part.rows
      fruitless = 0
    } catch (reason) {
      if (needsDivision(reason) && part.rows > 1) {
        parts.push(...halves(part))
        continue
      }
      if (!isRefusal(reason)) throw reason
      problem ??= (reason as Error).message
      fruitless += 1
      if (part.rows > 1 && fruitless < FRUITLESS_MAX) parts.push(...halves(part))
    }
  }
  return { written, rejected: batch.rows - written, ...(problem !== undefined && { problem }) }
}

function halves ({ table, token, body, rows }: RowBatch): RowBatch[] {
  const middle = rows >> 1
  let end = 0
  for (let row = 0; row < middle; row++) end = body.indexOf('\n', end) + 1
  return [
    { table, token: `${token}/0`, body: body.subarray(0, end), rows: middle },
    { table, token: `${token}/1`, body: body.subarray(end), rows: rows - middle }
  ]
}
