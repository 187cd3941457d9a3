import type { FastifyInstance } from 'fastify'
import { catalogRoute } from './api/catalog-route.ts'
import { answerFailure } from './api/failures.ts'
import { liveRoute } from './api/live-route.ts'
import { queryRoute } from './api/query-route.ts'
import { sqlRoute } from './api/sql-route.ts'
import type { DashboardOptions } from './options.ts'

export type { DashboardOptions } from './options.ts'

/**
 * A Fastify plugin: the page's questions to a store, under `/api`. Nothing of it writes, and every answer carries the SQL that its
 * rows are from. Who may ask is for the application that registers it to say.
 */
export async function dashboardApi (app: FastifyInstance, options: DashboardOptions): Promise<void> {
  await app.register(async api => {
    api.setErrorHandler(answerFailure)
    catalogRoute(api)
    queryRoute(api, options)
    sqlRoute(api, options)
    liveRoute(api, options)
  }, { prefix: '/api' })
}
