/** What a setting of one statement may be. */
export type EngineSettings = Readonly<Record<string, string | number>>

/** How one query is asked. */
export interface QueryOptions {
  /** Gives the answer up. A server stops working on it; the embedded engine goes on until the query's time is over. */
  signal?: AbortSignal
  /** ClickHouse settings of this query alone, as `{ max_result_rows: 1000 }`. Names are letters, digits and `_`. */
  settings?: EngineSettings
}

/**
 * ClickHouse, in this process or behind HTTP: one dialect of SQL. What varies in a statement is bound as `{name:Type}`,
 * never put into its text. Everything rejects with `LETTA_OTEL_STORE_STATEMENT_FAILED`, whose `clickhouseCode` is
 * ClickHouse's number when it was the engine that refused.
 */
export interface Engine {
  readonly kind: 'embedded' | 'server' | 'cluster'
  /** The database in which names without one are found. */
  readonly database: string
  /** The cluster's name in ClickHouse's configuration, of kind `cluster` alone. */
  readonly cluster?: string | undefined
  /** Rows as objects. 64-bit integers are decimal strings, so that no digit is lost. */
  query<Row> (sql: string, params?: Readonly<Record<string, unknown>>, options?: QueryOptions): Promise<Row[]>
  /** Runs a statement that gives no rows. */
  command (sql: string, params?: Readonly<Record<string, unknown>>): Promise<void>
  /**
   * Adds rows to a table of the engine's database.
   *
   * @param rows JSONEachRow: one JSON object a line. A buffer is not copied, and must stay as it is until the insert is done
   * @param token `insert_deduplication_token`: of inserts into one table with the same token only the first counts
   */
  insert (table: string, rows: string | Buffer, rowCount: number, options?: { token?: string }): Promise<void>
  close (): Promise<void>
}
