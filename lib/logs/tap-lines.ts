import { pinoInternals, type PinoInternals } from './pino-internals.ts'

/** Reads the lines of a logger as it writes them. */
export interface LineReader {
  /** Takes a line with its newline; never waits. */
  read (line: string): void
  /** Passes on what it holds. */
  flush (): void
}

/** Where the lines of loggers go, each read in the way its logger writes. */
export interface LineOutlet {
  open (dialect: PinoInternals['dialect']): LineReader
}

/** Somebody who wants the lines, and for how many applications. */
interface Entry {
  readonly reader: LineReader
  users: number
}

/** On a hook that this file made: who reads, by what they read for. */
const ENTRIES = Symbol('letta-otel readers of this logger')
type StreamWrite = NonNullable<PinoInternals['streamWrite']> & { [ENTRIES]?: Map<object, Entry> }

/**
 * Lets a reader see every line of a pino logger, and of everything made from it. Applications that share a logger and want
 * its lines for the same `target` share the reader too: each line is read once.
 *
 * @param open makes the reader, where the target has none yet
 * @returns what undoes it, or nothing when the logger is not pino's
 */
export function tapLines (logger: object, target: object, open: (internals: PinoInternals) => LineReader): (() => void) | undefined {
  const internals = pinoInternals(logger)
  if (internals === undefined) return undefined
  const entries = (internals.streamWrite as StreamWrite | undefined)?.[ENTRIES] ?? startReading(internals)
  const entry = entries.get(target) ?? { reader: open(internals), users: 0 }
  entry.users++
  entries.set(target, entry)
  return () => {
    entry.reader.flush()
    if (--entry.users === 0) entries.delete(target)
  }
}

function startReading (internals: PinoInternals): Map<object, Entry> {
  const userHook = internals.streamWrite
  const entries = new Map<object, Entry>()
  const tap: StreamWrite = line => {
    // A hook of the user's may be there to take secrets out: what it leaves is read.
    const written = userHook === undefined ? line : userHook(line)
    for (const { reader } of entries.values()) read(reader, written, userHook !== undefined)
    return written
  }
  tap[ENTRIES] = entries
  internals.streamWrite = tap
  return entries
}

/** Never throws: writing a line is nothing that may fail for telemetry. */
function read (reader: LineReader, line: string, fromUser: boolean): void {
  try {
    if (!fromUser) reader.read(line)
    else if (line.trim() !== '') reader.read(line.endsWith('\n') ? line : `${line}\n`)
  } catch {}
}
