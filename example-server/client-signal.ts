import type { FastifyReply } from 'fastify'

/** Why the work for a client ends that nobody waits for any more. */
export class ClientLeft extends Error {
  override readonly name = 'ClientLeft'

  constructor () {
    super('The client went away')
  }
}

/**
 * Aborted when the client goes away before it has the whole answer. Fastify's own `request.signal` is of no use here:
 * with Fastify 5.12 on Node 24 it is aborted as soon as the body of a request has been read.
 */
export function clientSignal (reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new ClientLeft())
  })
  return controller.signal
}

/**
 * The answer, or nothing when the client left meanwhile: Fastify would write an error to nobody and log it as one.
 *
 * @param client of {@link clientSignal}
 */
export async function answerUnlessLeft<Answer> (reply: FastifyReply, client: AbortSignal, answer: () => Promise<Answer>): Promise<Answer | FastifyReply> {
  try {
    return await answer()
  } catch (problem) {
    if (!client.aborted) throw problem
    reply.log.info('the client left before it was answered')
    return reply.hijack()
  }
}
