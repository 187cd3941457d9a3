import type { DeliveryStats } from './delivery.ts'
import type { Channel, Parcel } from './parcel.ts'

export type ToWorker =
  | { readonly type: 'take', readonly parcel: Parcel }
  /** `deadlineMs`: on the clock that threads share, as a message may wait before it is read. */
  | { readonly type: 'flush' | 'close', readonly id: number, readonly deadlineMs: number }

export type FromWorker =
  | { readonly type: 'ready' }
  /** `spent`: memory that came with parcels, to be used again. */
  | { readonly type: 'progress', readonly progress: Progress, readonly spent: readonly ArrayBuffer[] }
  | { readonly type: 'done', readonly id: number, readonly complete: boolean }
  | { readonly type: 'problem', readonly problem: string }

/** How far a worker has come since it started. */
export interface Progress {
  readonly stats: DeliveryStats
  /** What it no longer holds in memory. */
  readonly released: { readonly bytes: number, readonly counts: Readonly<Record<Channel, number>> }
}
