import type { Columns } from '../../store/queries/columns.ts'

/** Where an answer's rows are from: the statement as it was asked, and what was bound to it. */
export interface Source {
  readonly name: string
  readonly title: string
  readonly sql: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** What the API says to a question. */
export interface Answer<Row = Record<string, unknown>> {
  readonly rows: readonly Row[]
  readonly columns: Columns
  /** There may be more rows: as many came as were allowed. */
  readonly truncated: boolean
  /** Milliseconds that the engine took, waiting included. */
  readonly elapsed_ms: number
  /** The request brought an `Authorization`: who asks the same elsewhere has to bring one too. */
  readonly authorized: boolean
  readonly query: Source
}

/** What may have new rows. */
export type Signal = 'agents' | 'logs' | 'metrics' | 'traces'

export interface Failure {
  readonly statusCode: number
  readonly code: string
  readonly error: string
  readonly message: string
}
