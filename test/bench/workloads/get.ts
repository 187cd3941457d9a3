import type { FastifyInstance } from 'fastify'
import type { BenchRequest, Workload } from './workload.ts'

export const READ_AGENT: BenchRequest = { method: 'GET', path: '/v1/agents/agent-1', status: 200 }

export function readAgentRoute (app: FastifyInstance): void {
  app.get<{ Params: { agent_id: string } }>('/v1/agents/:agent_id', async request =>
    ({ id: request.params.agent_id, name: 'Ada', model: 'small-1', tools: ['calculate', 'count_words'] }))
}

export const get: Workload = {
  name: 'get',
  title: 'GET with a small JSON reply, logger off',
  logger: false,
  routes: readAgentRoute,
  requests: [READ_AGENT]
}
