import Fastify from 'fastify'
import t from 'tap'
import lettaOtel from '../../lib/index.ts'
import { checkRouteTelemetry } from '../../lib/options.ts'

t.test('what is right passes', async t => {
  for (const telemetry of [undefined, false, {}, { trace: false, metrics: true }, { sampleRatio: 0 }, { sampleRatio: 0.25 }, { sampleRatio: 1 }, { sampleRatio: undefined }]) {
    t.doesNotThrow(() => { checkRouteTelemetry(telemetry, 'GET', '/a') })
  }
})

t.test('what is wrong is named with its route, its value and the fix', async t => {
  const rows: Array<[telemetry: unknown, option: string, value: string, fix: string]> = [
    [{ sampleRatio: 10 }, 'config.telemetry.sampleRatio of GET /a', '10', 'use a number from 0 to 1'],
    [{ sampleRatio: -0.1 }, 'config.telemetry.sampleRatio of GET /a', '-0.1', 'use a number from 0 to 1'],
    [{ sampleRatio: NaN }, 'config.telemetry.sampleRatio of GET /a', 'NaN', 'use a number from 0 to 1'],
    [{ sampleRatio: '0.1' }, 'config.telemetry.sampleRatio of GET /a', '"0.1"', 'use a number from 0 to 1'],
    [{ trace: 'no' }, 'config.telemetry.trace of GET /a', '"no"', 'use true or false'],
    [{ ratio: 1 }, 'config.telemetry.ratio of GET /a', '1', 'unknown; use one of trace, metrics, sampleRatio'],
    [true, 'config.telemetry of GET /a', 'true', 'use false or an object'],
    [null, 'config.telemetry of GET /a', 'null', 'use false or an object']
  ]
  for (const [telemetry, option, value, fix] of rows) {
    t.throws(() => { checkRouteTelemetry(telemetry, 'GET', '/a') }, {
      code: 'LETTA_OTEL_INVALID_OPTION', message: `letta-otel option "${option}" cannot be ${value}: ${fix}`
    })
  }
})

t.test('the route is refused when it is registered, with its prefix and methods', async t => {
  const app = Fastify()
  await app.register(lettaOtel, { destination: 'none', instrumentations: false })
  t.throws(() => { app.get('/a', { config: { telemetry: { sampleRatio: 2 } } }, async () => 'a') }, {
    message: 'letta-otel option "config.telemetry.sampleRatio of GET /a" cannot be 2: use a number from 0 to 1'
  })
  await t.rejects(async () => {
    await app.register(async inner => {
      inner.route({ method: ['PUT', 'POST'], url: '/b', config: { telemetry: { sampleRatio: NaN } }, handler: async () => 'b' })
    }, { prefix: '/v1' })
  }, { code: 'LETTA_OTEL_INVALID_OPTION', message: /of PUT,POST \/v1\/b" cannot be NaN/ })
  await app.close().catch(() => {})
})
