import type { FastifyReply } from 'fastify'

/** Gives a question up whose asker left. A server stops working on it; the embedded engine, which cannot be stopped, finishes it or runs out of its time. */
export function clientGone ({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  raw.once('close', () => { controller.abort() })
  return controller.signal
}
