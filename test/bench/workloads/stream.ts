import { Readable } from 'node:stream'
import type { Workload } from './workload.ts'

const TOKENS = 50

async function * events (): AsyncGenerator<string> {
  for (let index = 0; index < TOKENS; index++) yield `data: {"type":"token","index":${index},"text":"word "}\n\n`
  yield 'data: [DONE]\n\n'
}

export const stream: Workload = {
  name: 'stream',
  title: `${TOKENS}-token reply as server-sent events, each token written by itself, logger off`,
  logger: false,
  routes (app) {
    app.get('/v1/agents/:agent_id/stream', async (_request, reply) =>
      await reply.type('text/event-stream').send(Readable.from(events())))
  },
  requests: [{ method: 'GET', path: '/v1/agents/agent-1/stream', status: 200 }]
}
