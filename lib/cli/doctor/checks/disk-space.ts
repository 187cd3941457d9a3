import { statfs } from 'node:fs/promises'
import { formatValue } from '../../format-value.ts'
import { failure, ok, warning, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'
import { nearestDirectory } from '../nearest-directory.ts'

/** What one service's spool, its files of telemetry and its log may take together. */
const WANTED_BYTES = 3e9
/** With less, an outage of minutes or one rotation fills the disk. */
const NEEDED_BYTES = 200e6

const ADVICE = 'make room, or name a folder on another disk with LETTA_DIR'

/** Whether what is kept on the disk has room to grow. */
export async function checkDiskSpace ({ lettaDirectory }: Inspection, look: typeof statfs = statfs): Promise<Finding> {
  const { bavail, bsize, ffree, files } = await look(await nearestDirectory(lettaDirectory))
  const free = bavail * bsize
  const found = `${formatValue('bytes', free)} are free where ${lettaDirectory} is`
  // A file system without a table of files tells zero of zero.
  if (files > 0 && ffree === 0) return failure(`no more files can be made where ${lettaDirectory} is`, ADVICE)
  if (free < NEEDED_BYTES) return failure(found, ADVICE)
  return free < WANTED_BYTES ? warning(`${found}; spool, files and logs of a service may take ${formatValue('bytes', WANTED_BYTES)}`, ADVICE) : ok(found)
}
