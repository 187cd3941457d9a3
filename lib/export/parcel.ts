/** What telemetry is about. */
export type Signal = 'traces' | 'metrics' | 'logs'

export const SIGNALS: readonly Signal[] = Object.freeze(['traces', 'metrics', 'logs'] as const)

/** What is carried and counted apart from each other: the signals, and lines for the log file. */
export type Channel = Signal | 'logFile'

export const CHANNELS: readonly Channel[] = Object.freeze([...SIGNALS, 'logFile'] as const)

/**
 * A part of `ScopeSpans`, `ScopeMetrics` or `ScopeLogs`; with others it becomes a request. Whoever hands it over gives
 * away the memory behind `items`; `scope` stays its owner's.
 */
export interface Fragment {
  readonly signal: Signal
  /** Fields 1 (`scope`) and 3 (`schema_url`) of that message, encoded with their tags. */
  readonly scope: Uint8Array
  /** Entries of its field 2, encoded with their tags, one after the other. */
  readonly items: Uint8Array
  /** Spans, metrics or log records in it. */
  readonly count: number
}

/** A whole `ExportTraceServiceRequest`, or that of another signal, in protobuf. Its memory is given away. */
export interface WholeRequest {
  readonly signal: Signal
  readonly request: Uint8Array
  readonly count: number
}

/** How a pino logger was told to write its lines; what it was not told is left out. */
export interface LineDialect {
  /** Name of the field of the message. @default 'msg' */
  readonly messageKey?: string | undefined
  /** Name of the field of the error. @default 'err' */
  readonly errorKey?: string | undefined
  /** Names of levels by number. @default those of pino */
  readonly levels?: Readonly<Record<string, string>> | undefined
}

/** Lines as pino wrote them, each with a newline at its end; they become log records where they are sent. */
export interface LogLines {
  readonly signal: 'logs'
  readonly lines: string
  readonly count: number
  /** What they take of memory, by {@link textBytes}. */
  readonly bytes: number
  readonly dialect?: LineDialect | undefined
}

/** Lines as pino wrote them, each with a newline at its end, for the log file. */
export interface LogFileLines {
  readonly signal: 'logFile'
  readonly lines: string
  /** Their bytes in UTF-8. */
  readonly count: number
  /** What they take of memory, by {@link textBytes}. */
  readonly bytes: number
  readonly dialect?: LineDialect | undefined
}

export type Parcel = Fragment | WholeRequest | LogLines | LogFileLines

/**
 * Bytes that a text takes at most, here and where it is sent: in memory, where one unit that is not Latin makes all of them
 * take two bytes, and in UTF-8, where it takes three.
 */
export function textBytes (text: string): number {
  const bytes = Buffer.byteLength(text)
  return bytes === text.length ? bytes : Math.max(bytes, 2 * text.length)
}

/** Bytes that a parcel is counted with while it waits. */
export function parcelBytes (parcel: Parcel): number {
  if ('items' in parcel) return parcel.items.byteLength
  if ('request' in parcel) return parcel.request.byteLength
  return parcel.bytes
}

/** A request that is ready to be sent. */
export interface OutgoingRequest {
  readonly signal: Signal
  readonly count: number
  /** The message in protobuf, not compressed. */
  readonly body: Uint8Array
  /** Sum of {@link parcelBytes} of what it was made from. */
  readonly parcelBytes: number
}
