import type { Workload } from './workload.ts'

interface MessageBody {
  readonly messages: ReadonlyArray<{ role: string, content: string }>
}

const BODY_SCHEMA = {
  type: 'object',
  required: ['messages'],
  properties: {
    messages: {
      type: 'array',
      items: { type: 'object', required: ['role', 'content'], properties: { role: { type: 'string' }, content: { type: 'string' } } }
    }
  }
}

/** The hook is what instrumentations of hooks have to see. */
export const post: Workload = {
  name: 'post',
  title: 'POST with a JSON body, a `preHandler` hook, pino on',
  logger: true,
  routes (app) {
    app.addHook('preHandler', async function checkBody (request, reply) {
      if ((request.body as MessageBody).messages.length === 0) reply.code(422)
    })
    app.post<{ Body: MessageBody, Params: { agent_id: string } }>('/v1/agents/:agent_id/messages', { schema: { body: BODY_SCHEMA } }, async request =>
      ({ agent: request.params.agent_id, answered: request.body.messages.length, stop_reason: 'end_turn' }))
  },
  requests: [{
    method: 'POST',
    path: '/v1/agents/agent-1/messages',
    body: { messages: [{ role: 'system', content: 'You are brief.' }, { role: 'user', content: 'What is 6 * 7, and how many words does this question have?' }] },
    status: 200
  }]
}
