import Fastify from 'fastify'
import t from 'tap'
import lettaOtel, { setContextAttributes, traceMethod } from '../../lib/index.ts'
import { finishedSpans } from '../../lib/testing.ts'
import { useEnvironment } from '../fixtures/environment.ts'

useEnvironment({})

const outer = traceMethod(function outer () { return inner() })
const inner = traceMethod(function inner () { return 'done' })

for (const engine of ['fast', 'sdk'] as const) {
  t.test(`every span of a request names its organization, and every span of a run that of the run: engine ${engine}`, async t => {
    const app = Fastify()
    t.teardown(async () => { await app.close() })
    await app.register(lettaOtel, { destination: 'memory', instrumentations: false, engine })
    app.get('/request', async () => outer())
    app.get('/late', async () => {
      setContextAttributes({ 'organization.id': 'org-3' })
      return outer()
    })
    app.get('/run', async () => {
      await app.telemetry.run({ organizationId: 'org-2' }, async run => await run.step(async () => outer()))
      return outer()
    })
    app.get('/by-hand', async () => {
      const run = app.telemetry.startRun({ organizationId: 'org-2' })
      const step = run.startStep()
      outer()
      await step.tool({ name: 'search' }, async () => outer())
      step.end()
      inner()
      run.end()
      return outer()
    })
    app.get('/changed', async () => {
      await app.telemetry.run(async run => {
        setContextAttributes({ 'organization.id': 'org-3' })
        await run.step(async () => outer())
      })
      return outer()
    })
    const owners = async (url: string, headers = {}): Promise<unknown[]> => {
      const before = finishedSpans().length
      t.equal((await app.inject({ url, headers })).body, 'done')
      return finishedSpans().slice(before).map(({ name, attributes }) => [name, attributes['organization.id']])
    }
    const org = { 'x-organization-id': 'org-1' }
    t.strictSame(await owners('/request', org), [['inner', 'org-1'], ['outer', 'org-1'], ['GET /request', 'org-1']])
    t.strictSame(await owners('/request'), [['inner', undefined], ['outer', undefined], ['GET /request', undefined]])
    t.strictSame(await owners('/late', org), [['inner', 'org-3'], ['outer', 'org-3'], ['GET /late', 'org-3']])
    t.strictSame(await owners('/run', org), [
      ['inner', 'org-2'], ['outer', 'org-2'], ['step', 'org-2'], ['invoke_agent', 'org-2'], ['inner', 'org-1'], ['outer', 'org-1'], ['GET /run', 'org-1']
    ])
    t.strictSame(await owners('/by-hand', org), [
      ['inner', 'org-2'], ['outer', 'org-2'],
      ['inner', 'org-2'], ['outer', 'org-2'], ['execute_tool search', 'org-2'],
      ['step', 'org-2'], ['inner', 'org-2'], ['invoke_agent', 'org-2'],
      ['inner', 'org-1'], ['outer', 'org-1'], ['GET /by-hand', 'org-1']
    ])
    t.strictSame(await owners('/changed', org), [
      ['inner', 'org-1'], ['outer', 'org-1'], ['step', 'org-1'], ['invoke_agent', 'org-1'], ['inner', 'org-3'], ['outer', 'org-3'], ['GET /changed', 'org-3']
    ])
  })
}
