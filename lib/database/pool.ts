/** `any`, as in the declarations of Node's own emitters: a pool that is one has no `on` that takes less. */
export type PoolListener = (...args: any[]) => void

/**
 * What {@link monitorPool} needs of a pool; that of `pg` has it.
 *
 * Events: `connect` (a connection was opened), `acquire` (it is in use), `release` (it is not any more; the first argument is
 * an error when it broke), `remove` (it was closed), `error` (it broke while nobody used it). All but `release` give the
 * connection first (`error`: second), `release` gives it second.
 */
export interface MonitoredPool {
  /** Connections, those being opened included. */
  readonly totalCount: number
  /** Connections that nobody uses. */
  readonly idleCount: number
  /** Callers that wait for a connection. */
  readonly waitingCount: number
  /** `max`: connections at most. */
  readonly options?: { readonly max?: number | undefined }
  on (event: string | symbol, listener: PoolListener): unknown
  removeListener (event: string | symbol, listener: PoolListener): unknown
  /** Hands out a connection: to the callback, or as a promise. */
  connect: (...args: never[]) => unknown
}
