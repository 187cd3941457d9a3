import type { FastifyInstance, FastifyReply } from 'fastify'
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { answerUnlessLeft, clientSignal } from '../client-signal.ts'
import { COMPLETION_SCHEMA, type CompletionRequest } from './completion-request.ts'
import { completionChunks, wholeCompletion } from './completion-format.ts'
import { refusal } from './refusal.ts'
import { chooseReply } from './choose-reply.ts'
import type { ModelBehaviour } from './settings.ts'
import { tokensOf } from './tokens.ts'

export async function completionRoute (app: FastifyInstance, { behaviour }: { behaviour: ModelBehaviour }): Promise<void> {
  const { failureRate, firstTokenMs, tokenMs, random } = behaviour
  const around = (ms: number): number => ms * (0.5 + random())

  app.post<{ Body: CompletionRequest }>('/v1/chat/completions', { schema: COMPLETION_SCHEMA }, async (request, reply) => {
    const client = clientSignal(reply)
    return await answerUnlessLeft(reply, client, async () => await answer(request.body, reply, client))
  })

  async function answer (body: CompletionRequest, reply: FastifyReply, signal: AbortSignal): Promise<object> {
    const fails = random() < failureRate
    // A stream fails on its way as often as it does not begin.
    const breaks = fails && body.stream === true && random() < 0.5
    await pause(around(firstTokenMs), undefined, { signal })
    if (fails && !breaks) return refuse(reply)

    const chosen = chooseReply(body)
    const completion = { id: `chatcmpl-${randomUUID()}`, model: body.model, prompt: body.messages, chosen }
    if (body.stream === true) {
      return await reply.type('text/event-stream').send(Readable.from(written(completionChunks(completion), breaks, signal)))
    }
    await pause(tokenMs * tokensOf(chosen.text).length, undefined, { signal })
    return wholeCompletion(completion)
  }

  function refuse (reply: FastifyReply): object {
    const { status, headers, body } = refusal(random)
    reply.code(status).headers(headers)
    return body
  }

  async function * written (chunks: readonly object[], breaks: boolean, signal: AbortSignal): AsyncGenerator<string, void> {
    for (const [position, chunk] of chunks.entries()) {
      if (breaks && position === Math.floor(chunks.length / 2)) throw new Error('the model broke down')
      if (position > 0) await pause(around(tokenMs), undefined, { signal })
      yield `data: ${JSON.stringify(chunk)}\n\n`
    }
    yield 'data: [DONE]\n\n'
  }
}
