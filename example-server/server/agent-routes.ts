import type { FastifyInstance } from 'fastify'
import { getContextAttributes } from 'letta-otel'
import type { Agents } from './agents.ts'

const AGENT_BODY = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', minLength: 1, maxLength: 100 } }
}

export async function agentRoutes (app: FastifyInstance, { agents }: { agents: Agents }): Promise<void> {
  app.post<{ Body: { name: string } }>('/v1/agents', { schema: { body: AGENT_BODY } }, async request => {
    // letta-otel read it from the x-organization-id header.
    const organization = getContextAttributes()['organization.id']
    return agents.create(request.body.name, organization?.toString()).info
  })

  app.get('/v1/agents', async () => agents.list().map(agent => agent.info))

  app.get<{ Params: { agent_id: string } }>('/v1/agents/:agent_id', async request => agents.get(request.params.agent_id).info)
}
