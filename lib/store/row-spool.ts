import { openSpool } from '../export/open-spool.ts'
import type { DeliverySpool } from '../export/delivery-spool.ts'
import type { RowBatch } from './row-batch.ts'

/**
 * What the exporter's spool calls a signal says nothing here: this directory holds batches of rows alone, and the table stands
 * in the batch.
 */
const SIGNAL = 'logs'

/** A batch on the disk. */
export interface SpooledBatch {
  /** Undefined when the record is none of this version's batches. */
  readonly batch: RowBatch | undefined
  readonly rows: number
  /** Removes it for good. */
  acknowledge (): Promise<void>
}

/** Batches that wait on the disk, in the exporter's spool. None of it rejects. */
export class RowSpool {
  readonly #spool: DeliverySpool

  private constructor (spool: DeliverySpool) {
    this.#spool = spool
  }

  static async open (options: { directory: string, maxBytes: number, onProblem: (problem: string) => void }): Promise<RowSpool> {
    return new RowSpool(await openSpool(options))
  }

  /** @returns false when it could not be kept */
  async append ({ table, token, body, rows }: RowBatch): Promise<boolean> {
    return await this.#spool.append({ signal: SIGNAL, count: rows, body: Buffer.concat([Buffer.from(`${JSON.stringify({ table, token })}\n`), body]) })
  }

  /** The oldest that is not acknowledged, the same one until it is. */
  async next (): Promise<SpooledBatch | undefined> {
    const record = await this.#spool.next()
    if (record === undefined) return undefined
    const { count, body } = record
    return { batch: readBatch(Buffer.from(body.buffer, body.byteOffset, body.byteLength), count), rows: count, acknowledge: async () => { await record.acknowledge() } }
  }

  get stats (): DeliverySpool['stats'] {
    return this.#spool.stats
  }

  async close (): Promise<void> {
    await this.#spool.close()
  }
}

function readBatch (record: Buffer, rows: number): RowBatch | undefined {
  const end = record.indexOf('\n')
  try {
    const { table, token } = JSON.parse(record.toString('utf8', 0, end)) as Partial<RowBatch>
    return typeof table === 'string' && typeof token === 'string' ? { table, token, body: record.subarray(end + 1), rows } : undefined
  } catch {
    return undefined
  }
}
