import t from 'tap'
import { libUrl, runNode, runScript } from './fixtures/node-process.ts'
import { useEnvironment } from './fixtures/environment.ts'
import { otlpAttributes, otlpReceiver, otlpSpans } from './fixtures/otlp-receiver.ts'

useEnvironment({})

const PRELOAD = ['--import', libUrl('register.ts')]

t.test('the runtime runs before the application loads', async t => {
  const { stdout, stderr, code } = await runScript(`
    import { trace } from '@opentelemetry/api'
    import { finishedSpans } from '${libUrl('testing.ts')}'
    trace.getTracer('app').startSpan('before the plugin').end()
    console.log(JSON.stringify(finishedSpans().map(({ name, resource }) => [name, resource['service.name']])))
  `, { NODE_ENV: 'test', OTEL_SERVICE_NAME: 'preloaded' }, PRELOAD)
  t.strictSame([code, stderr], [0, ''])
  t.strictSame(JSON.parse(stdout), [['before the plugin', 'preloaded']])
})

t.test('the plugin joins it, and closing the application does not end it', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  const { stdout, stderr, code } = await runScript(`
    import { trace } from '@opentelemetry/api'
    import { get } from 'node:http'
    import Fastify from 'fastify'
    import lettaOtel from '${libUrl('index.ts')}'
    trace.getTracer('app').startSpan('start-up').end()
    const app = Fastify()
    await app.register(lettaOtel, { serviceName: 'preloaded' })
    app.get('/', async () => {
      const response = await new Promise(resolve => get('${receiver.url}/elsewhere', resolve))
      response.resume()
      return 'ok'
    })
    await app.inject('/')
    await app.close()
    console.log(JSON.stringify(app.telemetry.stats().spans))
  `, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'preloaded' }, PRELOAD)
  t.strictSame([code, stderr], [0, ''])
  t.match(JSON.parse(stdout), { exported: 3, failed: 0 })
  const { json } = await receiver.next('/v1/traces')
  t.equal(otlpAttributes(json.resourceSpans[0].resource)['service.name'], 'preloaded')
  t.strictSame(otlpSpans(json).map(({ name, kind }) => [name, kind]).sort(), [['GET /', 2], ['GET', 3], ['start-up', 1]])
})

t.test('a plugin that asks for something else is refused', async t => {
  const { stdout, code } = await runScript(`
    import Fastify from 'fastify'
    import lettaOtel from '${libUrl('index.ts')}'
    const app = Fastify()
    try {
      await app.register(lettaOtel, { serviceName: 'other' })
    } catch ({ code, message }) {
      console.log(JSON.stringify({ code, message }))
    }
  `, { NODE_ENV: 'test', OTEL_SERVICE_NAME: 'preloaded' }, PRELOAD)
  t.equal(code, 0)
  t.strictSame(JSON.parse(stdout), {
    code: 'LETTA_OTEL_RUNTIME_CONFLICT',
    message: 'letta-otel option "serviceName" cannot be "other": telemetry of this process already runs with "preloaded". ' +
      'Give every application (and the environment, when letta-otel/register is preloaded) the same value, or leave it out'
  })
})

t.test('OTEL_SDK_DISABLED starts nothing', async t => {
  const { stdout, stderr, code } = await runScript(`
    import { trace } from '@opentelemetry/api'
    console.log(trace.getTracer('app').startSpan('a').isRecording())
  `, { OTEL_SDK_DISABLED: 'true', LETTA_DIR: '/dev/null' }, PRELOAD)
  t.strictSame([code, stderr, stdout.trim()], [0, '', 'false'])
})

t.test('an environment that cannot work stops the start', async t => {
  const { stderr, code } = await runNode([...PRELOAD, '--eval', ''], { LETTA_OTEL_PREFERRED_TEMPORALITY: '7' })
  t.equal(code, 1)
  t.match(stderr, /LETTA_OTEL_INVALID_ENVIRONMENT/)
  t.match(stderr, 'environment variable LETTA_OTEL_PREFERRED_TEMPORALITY cannot be "7": use 0 (unspecified), 1 (delta) or 2 (cumulative)')
})
