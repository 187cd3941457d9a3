import type { FastifyInstance } from 'fastify'
import { once } from 'node:events'

/** The requests of an application whose answers are not complete. */
export class RequestsUnderWay {
  readonly #closed = new Set<Promise<unknown>>()

  constructor (app: FastifyInstance) {
    app.addHook('onRequest', async (_request, reply) => {
      const closed = once(reply.raw, 'close').finally(() => { this.#closed.delete(closed) })
      closed.catch(() => {})
      this.#closed.add(closed)
    })
  }

  /** Resolves when all that are under way now are over. */
  async end (): Promise<void> {
    await Promise.allSettled(this.#closed)
  }
}
