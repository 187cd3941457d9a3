import type { CarrierStats } from './carrier-stats.ts'
import type { LogRecordSettings } from './log-records.ts'
import type { Parcel, Signal } from './parcel.ts'

/** Files of PEM text, as `OTEL_EXPORTER_OTLP_CERTIFICATE`, `_CLIENT_CERTIFICATE` and `_CLIENT_KEY` name them. */
export interface TlsFiles {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/** How requests are sent to an endpoint. */
export interface EndpointSettings {
  /** Headers of every request, which may hold credentials. @default {} */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Milliseconds that one attempt may take, the answer included. @default 10,000 */
  readonly timeoutMs?: number | undefined
  /** @default none on loopback, gzip elsewhere */
  readonly compression?: 'gzip' | 'zstd' | 'none' | undefined
  readonly tls?: TlsFiles | undefined
}

/** How telemetry is carried. Everything in it can be handed to a worker. */
export interface CarrierOptions extends EndpointSettings {
  /** URL of each signal's OTLP/HTTP endpoint, path included; a signal without one is not taken. */
  readonly endpoints: Readonly<Partial<Record<Signal, string>>>
  /** Where `traces.json`, `metrics.json` and `logs.json` are written instead. */
  readonly files?: { readonly directory: string } | undefined
  /** The log file: lines without a logger's name get this one. Lines are redacted as log records are. */
  readonly logFile?: { readonly path: string, readonly loggerName: string } | undefined
  /** What one signal has instead of the settings that all have. */
  readonly settings?: Readonly<Partial<Record<Signal, EndpointSettings>>> | undefined
  /** The `Resource` message that fragments are about, encoded. */
  readonly resource: Uint8Array
  /** How lines become log records. */
  readonly logRecords?: LogRecordSettings | undefined
  /** Bytes after which a request leaves. One fragment that is larger still leaves whole. @default 544 KiB */
  readonly maxBatchBytes?: number | undefined
  /** Spans, metrics or log records after which a request leaves. @default 8,192 */
  readonly maxBatchCount?: number | undefined
  /** Milliseconds after which a request leaves however small it is. @default 1,000 */
  readonly maxBatchAgeMs?: number | undefined
  /** Bytes of everything that waits, on the main thread and in the worker. @default 64 MiB */
  readonly maxWaitingBytes?: number | undefined
  /** Where requests are kept while the endpoint is away; in memory alone where it is left out. */
  readonly spool?: { readonly directory: string, readonly maxBytes: number } | undefined
  /** Milliseconds before the first retry, and at most between two. @default 500 and 5,000 */
  readonly retry?: { readonly firstMs: number, readonly maxMs: number } | undefined
  /** Milliseconds after which an attempt counts as slow, and what waits is brought to the disk. @default 1,000 */
  readonly slowAfterMs?: number | undefined
}

/** Tells a person, in a sentence without values that change or that are secret. */
export type OnProblem = (problem: string) => void

/** Brings telemetry to where it is kept. */
export interface Carrier {
  /**
   * Takes a parcel and the memory behind it. Never throws and never waits.
   *
   * @returns false when it was dropped, which is counted
   */
  take (parcel: Parcel): boolean
  /**
   * Memory of a fragment that was handed over before, of the size it had, to be filled again; nothing when there is none.
   * New memory for every fragment would have to be collected on two threads.
   */
  spareMemory? (): ArrayBuffer | undefined
  /** @returns whether all that was taken before has arrived within `timeoutMs` */
  flush (timeoutMs: number): Promise<boolean>
  /**
   * Sends what it can within `timeoutMs`, brings the rest to the spool, and stops for good.
   *
   * @returns whether nothing was lost: all that was taken has arrived or is on the disk
   */
  close (timeoutMs: number): Promise<boolean>
  readonly stats: CarrierStats
}
