import { isRefusal } from './engine-error.ts'

/** Rows of one table that are written by one insert. */
export interface RowBatch {
  readonly table: string
  /** The same each time this batch is tried: of several successes one counts. */
  readonly token: string
  /** JSONEachRow. */
  readonly body: string
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

const WRITTEN_NOTHING: BatchOutcome = Object.freeze({ written: 0, rejected: 0 })

/**
 * Inserts a batch; where the engine refuses rows, halves of it, until only the rows at fault are left out.
 * A part's token follows from the whole's, so that a repetition after a crash divides alike.
 *
 * @throws what an insert rejects with that may work later
 */
export async function insertBatch (insert: InsertRows, batch: RowBatch): Promise<BatchOutcome> {
  try {
    await insert(batch)
    return { written: batch.rows, rejected: 0 }
  } catch (problem) {
    if (!isRefusal(problem)) throw problem
    if (batch.rows === 1) return { written: 0, rejected: 1, problem: (problem as Error).message }
  }
  let sum = WRITTEN_NOTHING
  for (const half of halves(batch)) {
    const { written, rejected, problem = sum.problem } = await insertBatch(insert, half)
    sum = { written: sum.written + written, rejected: sum.rejected + rejected, ...(problem !== undefined && { problem }) }
  }
  return sum
}

function halves ({ table, token, body, rows }: RowBatch): RowBatch[] {
  const lines = body.split('\n')
  const middle = rows >> 1
  return [lines.slice(0, middle), lines.slice(middle)]
    .map((part, index) => ({ table, token: `${token}/${index}`, body: part.join('\n'), rows: part.length }))
}
