import type { FastifyInstance } from 'fastify'
import type { DashboardOptions } from '../options.ts'
import { WatchStore } from './watch-store.ts'

/** Comments keep a connection on which nothing happens from being taken for dead. */
const KEEP_ALIVE_MS = 15_000
/** Bytes that may wait for a client that reads nothing; it can come back. */
const UNREAD_MAX = 64 * 1024

/**
 * `GET /api/live`: server-sent events `new`, whose data names what has new rows: `["logs","traces"]`. Twice a second at most.
 * The first event, `ready`, says that what comes from now on will be told.
 */
export function liveRoute (app: FastifyInstance, { store, liveIntervalMs = 500 }: DashboardOptions): void {
  const watch = new WatchStore(store.engine, liveIntervalMs)
  const open = new Set<() => void>()

  app.get('/live', (request, reply) => {
    reply.hijack()
    const { raw } = reply
    const { socket } = request.raw
    raw.writeHead(200, { ...reply.getHeaders() as Record<string, string>, 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const tell = (text: string): void => {
      if (raw.writableLength > UNREAD_MAX) raw.destroy()
      else raw.write(text)
    }
    const keepAlive = setInterval(() => { tell(':\n\n') }, KEEP_ALIVE_MS)
    const leave = watch.join(
      () => { tell('event: ready\ndata: []\n\n') },
      signals => { tell(`event: new\ndata: ${JSON.stringify(signals)}\n\n`) })
    const end = (): void => {
      clearInterval(keepAlive)
      leave()
      open.delete(end)
      socket.off('close', end)
      raw.end()
    }
    open.add(end)
    raw.once('close', end)
    // Before version 24, Node says no `close` of a response whose connection ends while it waits behind another.
    socket.once('close', end)
    if (raw.destroyed) end()
  })

  // Streams never end by themselves, and closing waits for them.
  app.addHook('preClose', done => {
    for (const end of open) end()
    done()
  })
}
