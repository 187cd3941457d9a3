/** What a user's application does, and prints for the check to read. */
const application = (imported: string): string => `
  const app = Fastify({ logger: { level: 'info' } })
  const options: LettaOtelOptions = { exclude: ['GET /health', /^GET \\/internal/], endpointMetrics: { streams: 'exclude' }, logs: { keys: 'nested' } }
  await app.register(${imported}, options)
  app.get('/agents/:agent_id', { config: { telemetry: { metrics: true } } }, async (request: FastifyRequest) => {
    addContextAttribute('tenant.id', 'acme')
    request.telemetry.addAttribute('letta.note', 'seen')
    const traceId: string | undefined = request.telemetry.traceId
    return { traceId, tenant: getContextAttributes()['tenant.id'] }
  })
  app.get('/quiet', { config: { telemetry: false } }, async () => ({}))
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const reply = await (await fetch(origin + '/agents/agent-1')).json() as { traceId: string, tenant: string }
  await app.telemetry.flush()
  const { exported } = app.telemetry.stats().spans
  await app.close()
  console.log(JSON.stringify({ traceId: reply.traceId, tenant: reply.tenant, exported }))
`

/** Files of a project that uses the package. */
export const CONSUMERS: Readonly<Record<string, string>> = {
  'app.mts': `
import Fastify, { type FastifyRequest } from 'fastify'
import lettaOtel, { addContextAttribute, getContextAttributes, type LettaOtelOptions } from 'letta-otel'
${application('lettaOtel')}`,

  'app.cts': `
import Fastify = require('fastify')
import type { FastifyRequest } from 'fastify'
import lettaOtel = require('letta-otel')
import type { LettaOtelOptions } from 'letta-otel'
const { addContextAttribute, getContextAttributes } = lettaOtel
async function main (): Promise<void> {${application('lettaOtel')}}
void main()
`,

  'interop.cts': `
import Fastify from 'fastify'
import lettaOtel, { setContextAttributes } from 'letta-otel'
import { finishedSpans } from 'letta-otel/testing'
const app = Fastify()
app.register(lettaOtel, { serviceName: 'interop', destination: 'memory' })
setContextAttributes({ a: 1 })
app.ready(error => { console.log(JSON.stringify({ error, spans: finishedSpans().length })) })
`,

  // Each of these has to be an error of the compiler: an expectation is one itself where nothing is wrong.
  'wrong.mts': `
import Fastify from 'fastify'
import lettaOtel, { addContextAttribute, type LettaOtelOptions } from 'letta-otel'
const app = Fastify()
// @ts-expect-error no such destination
await app.register(lettaOtel, { destination: 'elsewhere' })
// @ts-expect-error not a number
await app.register(lettaOtel, { shutdownTimeoutMs: '2000' })
// @ts-expect-error no such option
export const options: LettaOtelOptions = { servicename: 'agent-server' }
// @ts-expect-error not a boolean
app.get('/', { config: { telemetry: { trace: 'no' } } }, async request => request.telemetry.spanId)
// @ts-expect-error not an attribute value
addContextAttribute('key', { nested: true })
// @ts-expect-error no such member
app.telemetry.flushNow()
`,

  'testing.mts': `
import Fastify from 'fastify'
import lettaOtel from 'letta-otel'
import { finishedSpans, metrics, reset, type FinishedSpan } from 'letta-otel/testing'
const app = Fastify()
await app.register(lettaOtel, { destination: 'memory' })
app.get('/hello', async () => 'hello')
await app.inject('/hello')
const spans: FinishedSpan[] = finishedSpans()
const names = (await metrics()).map(metric => metric.name)
await reset()
console.log(JSON.stringify({ spans: spans.map(span => span.name), names, left: finishedSpans().length }))
await app.close()
`,

  'exports.cjs': `
const plugin = require('letta-otel')
import('letta-otel').then(module => console.log(JSON.stringify({
  isFunction: typeof plugin === 'function',
  isDefault: plugin === module.default && plugin === module.lettaOtel,
  missing: Object.keys(module).filter(name => name !== 'default' && name !== 'module.exports' && plugin[name] !== module[name]),
  ownDefault: plugin.default === plugin,
  name: plugin[Symbol.for('plugin-meta')].name,
  fastify: plugin[Symbol.for('plugin-meta')].fastify
})))
`
}

export const COMPILER_OPTIONS = {
  target: 'es2024',
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  rootDir: '.',
  outDir: '.'
}
