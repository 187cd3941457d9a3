import type { BatchWriter } from './batch-writer.ts'
import type { Engine } from './engine.ts'
import { RowEncoder } from './row-encoder.ts'
import { StoreReader } from './row-reader.ts'
import type { RowReader, Rows, RowSink } from './rows.ts'

/** Updates of jobs are merged by the engine on their way from this table. */
const WRITTEN_AS: Readonly<Partial<Record<keyof Rows, string>>> = Object.freeze({ jobs: 'jobs_updates' })

/** Agents' work in an engine: written through a writer, read straight. */
export function storeRows (engine: Engine, writer: BatchWriter): RowSink & RowReader {
  return new StoreRows(engine, writer)
}

class StoreRows extends StoreReader implements RowSink {
  readonly #writer: BatchWriter
  readonly #encoder = new RowEncoder()

  constructor (engine: Engine, writer: BatchWriter) {
    super(engine.query.bind(engine))
    this.#writer = writer
  }

  write<Table extends keyof Rows> (table: Table, row: Rows[Table]): void {
    try {
      this.#writer.add(WRITTEN_AS[table] ?? table, this.#encoder.encode(row))
    } catch (problem) {
      this.#writer.countInvalid(problem)
    }
  }

  async flush (): Promise<void> {
    await this.#writer.flush()
  }
}
