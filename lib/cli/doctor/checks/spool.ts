import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { SPOOL_SHARES } from '../../../export/delivery.ts'
import { parseSegmentFile } from '../../../export/spool/segment-name.ts'
import { SEGMENT_BYTES } from '../../../export/spool/spool-options.ts'
import { SPOOL_BYTES } from '../../../runtime/open-carrier.ts'
import { SPOOL_BYTES as ROWS_SPOOL_BYTES } from '../../../store/store-options.ts'
import { formatValue } from '../../format-value.ts'
import { failure, ok, together, warning, type Finding } from '../finding.ts'
import type { Inspection } from '../inspection.ts'

/** Share of its bound from which a spool is worth a word. */
const FILLED = 0.5
/** Milliseconds from which waiting is not a matter of a short outage. */
const OLD_MS = 15 * 60_000

interface SpoolDirectory {
  /** Below the folder of all spools, as `agent-server/traces`. */
  readonly name: string
  bytes: number
  /** Milliseconds since the epoch. */
  oldest: number
}

/** Whether telemetry waits on the disk, for how long, and how much room is left. */
export async function checkSpool ({ lettaDirectory }: Inspection): Promise<Finding> {
  const root = join(lettaDirectory, 'spool')
  try {
    const spools = await readSpools(root)
    return spools.length === 0 ? ok(`nothing waits in ${root}`) : together(spools.map(judge))
  } catch (problem) {
    const { code = 'unknown error', path = root } = problem as NodeJS.ErrnoException
    return failure(`${path} cannot be read (${code})`, 'let the user that runs the application read and write it')
  }
}

function judge ({ name, bytes, oldest }: SpoolDirectory): Finding {
  const bound = boundOf(name)
  const age = Math.max(0, Date.now() - oldest)
  const found = `${formatValue('bytes', bytes)} of ${formatValue('bytes', bound)} wait in ${name}, for up to ${formatValue('milliseconds', age)}`
  // Room is made a segment ahead, so no more than this ever lies there.
  if (bytes > bound - 2 * SEGMENT_BYTES) return failure(`${found}: it is full, and the oldest are dropped`, 'bring the endpoint back; what still waits is sent then')
  if (bytes > FILLED * bound || age > OLD_MS) {
    return warning(found, 'bring the endpoint back, or start the service: the next process with the same service name sends what waits')
  }
  return ok(found)
}

function boundOf (name: string): number {
  if (basename(dirname(name)) === 'rows') return ROWS_SPOOL_BYTES
  return SPOOL_BYTES * (SPOOL_SHARES[basename(name) as keyof typeof SPOOL_SHARES] ?? 1)
}

/** @throws when a folder cannot be read */
async function readSpools (root: string): Promise<SpoolDirectory[]> {
  const files = await readdir(root, { recursive: true, withFileTypes: true }).catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === 'ENOENT') return []
    throw problem
  })
  const spools = new Map<string, SpoolDirectory>()
  for (const file of files) {
    const segment = parseSegmentFile(file.name)
    // A segment that is delivered meanwhile is gone.
    const size = segment === undefined ? undefined : await stat(join(file.parentPath, file.name)).then(({ size }) => size, () => undefined)
    if (segment === undefined || size === undefined) continue
    const name = relative(root, file.parentPath)
    const spool = spools.get(name) ?? { name, bytes: 0, oldest: Infinity }
    spools.set(name, { name, bytes: spool.bytes + size, oldest: Math.min(spool.oldest, segment.time) })
  }
  return [...spools.values()]
}
