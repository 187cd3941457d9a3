import Fastify, { type FastifyInstance } from 'fastify'
import lettaOtel, { telemetryRoutes } from 'letta-otel'
import { ModelClient } from '../agent/model-client.ts'
import { TOOLS } from '../tools/tools.ts'
import { agentRoutes } from './agent-routes.ts'
import { Agents } from './agents.ts'
import { Closing } from './closing.ts'
import { databaseRoutes, openDatabase } from './database.ts'
import { jobRoutes } from './job-routes.ts'
import { Jobs } from './jobs.ts'
import { messageRoutes } from './message-routes.ts'
import { RequestsUnderWay } from './requests-under-way.ts'
import type { ServerSettings } from './settings.ts'
import type { TurnView } from './turn-view.ts'

/** US dollars for a million tokens of the example's own model: as made up as its answers. */
const PRICES = { version: 'example-1', models: { 'example-model': { input: 0.5, output: 2 } } }

/** The agent server, ready to listen. */
export async function buildServer (settings: ServerSettings): Promise<FastifyInstance> {
  const app = Fastify({
    logger: { level: settings.logLevel },
    // What is under way was waited for by then. Without this a connection that a client has opened, but not used yet,
    // would hold up the end for a minute.
    forceCloseConnections: true
  })
  const pool = settings.databaseUrl === undefined ? undefined : await openDatabase(settings.databaseUrl)
  await app.register(lettaOtel, {
    serviceName: 'example-agent-server',
    exportIntervalMs: 5_000,
    logs: { otlp: true },
    agents: { prices: PRICES, payloads: settings.keepPayloads },
    store: settings.store
  })

  const agents = new Agents()
  const closing = new Closing()
  const jobs = new Jobs<TurnView>(closing.work)
  const requests = new RequestsUnderWay(app)
  app.addHook('preClose', async () => {
    closing.begin(settings.graceMs)
    await Promise.all([jobs.close(), closing.whenOver(requests.end())])
  })

  app.get('/v1/health', { logLevel: 'warn' }, async () => ({ status: 'ok' }))
  await app.register(agentRoutes, { agents })
  const model = new ModelClient(settings.model, TOOLS, app.telemetry.fetch)
  await app.register(messageRoutes, { agents, jobs, closing, model })
  await app.register(jobRoutes, { jobs })
  if (pool !== undefined) await app.register(databaseRoutes, { pool })
  // Here whoever sends the header x-organization-id is believed. Where clients are not trusted, ask their credentials.
  await app.register(telemetryRoutes)
  return app
}
