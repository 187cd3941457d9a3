import fastify, { type FastifyInstance } from 'fastify'
import { dashboardApi, type DashboardOptions } from '../../lib/dashboard/api.ts'
import type { Answer } from '../../lib/dashboard/api/answer.ts'

interface Test { teardown (close: () => Promise<void>): unknown }

/** An application that has nothing but the API. */
export async function apiHost (t: Test, options: DashboardOptions): Promise<FastifyInstance> {
  const app = fastify()
  t.teardown(async () => { await app.close() })
  await app.register(dashboardApi, options)
  await app.ready()
  return app
}

export interface Asked extends Answer {
  readonly statusCode: number
  readonly code?: string
  readonly message?: string
}

/** Asks one question; parameters go the way of a URL. */
export async function ask (app: FastifyInstance, name: string, parameters: Readonly<Record<string, string>> = {}): Promise<Asked> {
  const response = await app.inject({ url: `/api/queries/${name}`, query: { ...parameters } })
  return { statusCode: response.statusCode, ...response.json() }
}

export async function askSql (app: FastifyInstance, sql: string): Promise<Asked> {
  const response = await app.inject({ method: 'POST', url: '/api/sql', payload: { sql } })
  return { statusCode: response.statusCode, ...response.json() }
}
