import type { OnProblem } from './carrier.ts'
import type { DeliverySpool } from './delivery-spool.ts'
import { Spool } from './spool/spool.ts'

/** Opens the spool in `directory`, and makes it where it does not exist. Does not reject. */
export async function openSpool (options: { directory: string, maxBytes: number, onProblem: OnProblem }): Promise<DeliverySpool> {
  return await Spool.open(options)
}
