import { READ_AGENT, readAgentRoute } from './get.ts'
import type { Workload } from './workload.ts'

export const mix: Workload = {
  name: 'mix',
  title: 'of ten requests two without a route, one answered 404 by its handler, one that throws; logger off',
  logger: false,
  routes (app) {
    readAgentRoute(app)
    app.get('/v1/tools/:tool_id', async (_request, reply) => await reply.code(404).send({ detail: 'no such tool' }))
    app.get('/v1/jobs/:job_id', async () => { throw new Error('the job store is away') })
  },
  requests: [
    READ_AGENT, READ_AGENT, { method: 'GET', path: '/nowhere', status: 404 },
    READ_AGENT, READ_AGENT, { method: 'GET', path: '/v1/tools/tool-1', status: 404 },
    READ_AGENT, { method: 'GET', path: '/v1/jobs/job-1', status: 500 },
    READ_AGENT, { method: 'GET', path: '/nowhere', status: 404 }
  ]
}
