import type { FastifyReply } from 'fastify'

/** Gives a question up whose asker left, so that it does not hold up those who stayed. */
export function clientGone ({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  raw.once('close', () => { controller.abort() })
  return controller.signal
}
