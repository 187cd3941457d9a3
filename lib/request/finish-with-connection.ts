import type { Socket } from 'node:net'
import { finishRequest } from './finish-request.ts'
import type { RequestRecord } from './request-record.ts'

/** The requests of a connection whose responses wait behind another one. */
const WAITING = Symbol('letta-otel requests that wait on this connection')
type Connection = Socket & { [WAITING]?: Set<RequestRecord> }

/**
 * Sees that a request ends whose response may say no `close`: it waits behind another one on its connection, where Node before
 * version 24 forgets it, or the client went away while an earlier hook held the request back.
 */
export function finishWithConnection (record: RequestRecord, connection: Connection | null): void {
  if (connection === null || connection.destroyed) {
    finishRequest(record)
    return
  }
  const waiting = connection[WAITING] ??= finishedAtClose(connection)
  waiting.add(record)
  record.waiting = waiting
}

/** One listener for all of them: a client may send thousands of requests at once. */
function finishedAtClose (connection: Connection): Set<RequestRecord> {
  const waiting = new Set<RequestRecord>()
  connection.once('close', () => { for (const record of waiting) finishRequest(record) })
  return waiting
}
