import type { FastifyInstance } from 'fastify'
import type { Jobs } from './jobs.ts'
import type { TurnView } from './turn-view.ts'

export async function jobRoutes (app: FastifyInstance, { jobs }: { jobs: Jobs<TurnView> }): Promise<void> {
  app.get<{ Params: { job_id: string } }>('/v1/jobs/:job_id', async request => jobs.get(request.params.job_id))
}
