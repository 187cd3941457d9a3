import type { Carrier } from './carrier.ts'
import { LEVEL_NAMES } from './log-severity.ts'
import { textBytes, type LineDialect, type LogFileLines, type LogLines } from './parcel.ts'

/** Characters after which lines leave. */
const BATCH_MAX = 64 * 1024
/** Milliseconds that a line waits for others. */
const AGE_MS = 100

type LinesChannel = (LogLines | LogFileLines)['signal']

/**
 * Hands the lines of loggers to a carrier, as they are and many at once: whatever else is done with them is done where
 * they are sent.
 */
export class LogLineBatches {
  readonly #carrier: Carrier
  readonly #channel: LinesChannel
  /** Those that hold lines. */
  readonly #filled = new Set<LogLineBatch>()

  /** @param channel what lines become: log records, or lines of the log file */
  constructor (carrier: Carrier, channel: LinesChannel = 'logs') {
    this.#carrier = carrier
    this.#channel = channel
  }

  /** A batch for a logger that writes in this way. */
  open (dialect: LineDialect): LogLineBatch {
    return new LogLineBatch(this.#carrier, this.#channel, ownDialect(dialect), this.#filled)
  }

  flush (): void {
    for (const batch of this.#filled) batch.flush()
  }
}

/** Gathers the lines of one logger. */
export class LogLineBatch {
  readonly #carrier: Carrier
  readonly #channel: LinesChannel
  readonly #dialect: LineDialect | undefined
  readonly #filled: Set<LogLineBatch>
  #lines = ''
  #count = 0
  #timer: NodeJS.Timeout | undefined

  constructor (carrier: Carrier, channel: LinesChannel, dialect: LineDialect | undefined, filled: Set<LogLineBatch>) {
    this.#carrier = carrier
    this.#channel = channel
    this.#dialect = dialect
    this.#filled = filled
  }

  /** Takes a line as pino wrote it; never waits. */
  read (line: string): void {
    // Appending copies nothing: the text is put together once, on its way to the other thread.
    this.#lines += line
    if (this.#count++ === 0) this.#begin()
    if (this.#lines.length > BATCH_MAX) this.flush()
  }

  /** Hands over what there is. */
  flush (): void {
    if (this.#count === 0) return
    const lines = this.#lines
    const dialect = this.#dialect
    const bytes = textBytes(lines)
    const parcel: LogLines | LogFileLines = this.#channel === 'logs'
      ? { signal: 'logs', lines, count: this.#count, bytes, dialect }
      : { signal: 'logFile', lines, count: Buffer.byteLength(lines), bytes, dialect }
    clearTimeout(this.#timer)
    this.#filled.delete(this)
    this.#lines = ''
    this.#count = 0
    this.#carrier.take(parcel)
  }

  #begin (): void {
    this.#filled.add(this)
    this.#timer = setTimeout(() => { this.flush() }, AGE_MS).unref()
  }
}

/** What is as pino has it need not go along with every batch. */
function ownDialect ({ messageKey = 'msg', errorKey = 'err', levels = {} }: LineDialect): LineDialect | undefined {
  const named = Object.entries(levels).filter(([level, name]) => LEVEL_NAMES.get(Number(level)) !== name)
  return messageKey === 'msg' && errorKey === 'err' && named.length === 0 ? undefined : { messageKey, errorKey, levels: Object.fromEntries(named) }
}
