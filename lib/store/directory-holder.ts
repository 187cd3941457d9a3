import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processState } from '../export/spool/process-identity.ts'

/**
 * The other process that has a data directory open, as far as this one can see. The engine keeps the reason why it cannot
 * open one to itself; but whoever holds a directory has written its pid into it.
 */
export async function holderOf (path: string): Promise<number | undefined> {
  const status = await readFile(join(path, 'status'), 'utf8').catch(() => '')
  const pid = Number(/^PID: (\d+)$/m.exec(status)?.[1] ?? process.pid)
  return pid !== process.pid && (await processState(pid)).running ? pid : undefined
}
