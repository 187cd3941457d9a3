import Fastify, { type FastifyInstance } from 'fastify'
import lettaOtel from 'letta-otel'
import { completionRoute } from './completion-route.ts'
import type { ProviderSettings } from './settings.ts'

/** A model behind an OpenAI-compatible API, for an example that needs no key and no network. */
export async function buildProvider (settings: ProviderSettings): Promise<FastifyInstance> {
  // The agent server ends first; whoever else is connected is cut off.
  const app = Fastify({ logger: { level: settings.logLevel }, forceCloseConnections: true })
  await app.register(lettaOtel, { serviceName: 'example-provider', exportIntervalMs: 5_000, logs: { otlp: true } })
  app.get('/v1/health', { logLevel: 'warn' }, async () => ({ status: 'ok' }))
  await app.register(completionRoute, { behaviour: settings.behaviour })
  return app
}
