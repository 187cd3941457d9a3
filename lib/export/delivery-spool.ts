import type { OutgoingRequest, Signal } from './parcel.ts'

/** A request on the disk, or what is left of it. */
export interface SpooledRequest {
  readonly signal: Signal
  readonly count: number
  readonly body: Uint8Array
  /** Removes it for good. */
  acknowledge (): Promise<void>
}

/** A request as it is on the disk. */
export interface SpooledWhole extends SpooledRequest {
  /** Of `count`, how many from its beginning on are acknowledged. */
  readonly done: number
  /** Notes for good that so many are. */
  acknowledgeFirst (count: number): Promise<void>
}

/** What delivery needs of a spool. None of it rejects. */
export interface DeliverySpool {
  /** @returns false when it could not be kept */
  append (request: Pick<OutgoingRequest, 'signal' | 'count' | 'body'>): Promise<boolean>
  /** The oldest that is not acknowledged, the same one until it is. */
  next (): Promise<SpooledWhole | undefined>
  readonly stats: {
    /** Bytes on the disk that are not acknowledged. */
    readonly bytes: number
    /** Spans, metrics or log records that were dropped to make room. */
    readonly droppedItems: number
  }
  close (): Promise<void>
}
