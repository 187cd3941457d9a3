import { trace } from '@opentelemetry/api'
import { AlwaysOffSampler, TracerProvider } from '@opentelemetry/sdk-trace'
import Fastify from 'fastify'
import t from 'tap'
import lettaOtel from '../../lib/index.ts'

t.test('with a provider of the application\'s own, sampling is that provider\'s affair', async t => {
  trace.setGlobalTracerProvider(new TracerProvider({ sampler: new AlwaysOffSampler() }))
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', instrumentations: false, keep: { errors: true } })
  app.get('/', { config: { telemetry: { sampleRatio: 1 } } }, async request => String(request.telemetry.span.isRecording()))
  t.equal((await app.inject('/')).body, 'false')
})
