import { ROOT_CONTEXT, context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import Fastify from 'fastify'
import { Agent, request } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import { setImmediate, setTimeout } from 'node:timers/promises'
import t from 'tap'
import {
  AmbientScope, addContextAttribute, ambientScopeOf, getContextAttributes, setContextAttributes
} from '../../lib/ambient/context-attributes.ts'
import { AMBIENT_KEY } from '../../lib/ambient/request-context.ts'
import lettaOtel from '../../lib/index.ts'
import { metrics } from '../../lib/testing.ts'
import { useEnvironment } from '../fixtures/environment.ts'

useEnvironment({})

t.test('outside a request nothing is known and nothing happens', async t => {
  t.strictSame(getContextAttributes(), {})
  addContextAttribute('a', 1)
  setContextAttributes({ b: 2 })
  t.strictSame(getContextAttributes(), {})
  t.equal(ambientScopeOf(ROOT_CONTEXT), undefined)
})

t.test('inside one', async t => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  t.teardown(() => { context.disable() })
  const scope = new AmbientScope(Object.freeze({ 'organization.id': 'org-1' }), {}, '/')
  const carrier = ROOT_CONTEXT.setValue(AMBIENT_KEY, scope)
  t.equal(ambientScopeOf(carrier), scope)
  await context.with(carrier, async () => {
    const before = getContextAttributes()
    t.strictSame(before, { 'organization.id': 'org-1' })
    addContextAttribute('project.id', 'p')
    t.strictSame(getContextAttributes(), { 'organization.id': 'org-1', 'project.id': 'p' })
    t.strictSame(before, { 'organization.id': 'org-1' }, 'a snapshot stays as it was')
    t.ok(Object.isFrozen(getContextAttributes()))
    setContextAttributes({ n: 7, yes: true, 'project.id': 'q' })
    await setImmediate()
    t.strictSame(getContextAttributes(), { 'organization.id': 'org-1', 'project.id': 'q', n: 7, yes: true })

    for (const value of [undefined, null, {}, [], () => {}, 7n, Symbol('s')]) addContextAttribute('bad', value as never)
    t.notOk('bad' in getContextAttributes(), 'values of other types are left out')
    setContextAttributes({ n: {} as never })
    t.equal(getContextAttributes()['n'], 7, 'and leave what was there')
  })
  t.strictSame(getContextAttributes(), {})
})

t.test('1,000 interleaved requests on real sockets: each sees its own and no other', async t => {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', instrumentations: false })
  const random = (): number => Math.floor(Math.random() * 4)

  async function wander (): Promise<void> {
    switch (random()) {
      case 0: await setTimeout(random()); break
      case 1: await setImmediate(); break
      case 2: await new Promise<void>(resolve => { queueMicrotask(resolve) }); break
      default: await new Promise(resolve => { Readable.from(['a', 'b']).on('end', resolve).resume() })
    }
  }

  app.post<{ Body: { id: string } }>('/work', {
    preHandler: async request => {
      await wander()
      addContextAttribute('from.hook', request.body.id)
    }
  }, async request => {
    const seen: unknown[] = []
    for (let step = 0; step < 4; step++) {
      await wander()
      addContextAttribute('from.handler', `${request.body.id}:${step}`)
      await wander()
      seen.push({ ...getContextAttributes() })
    }
    const inTimer = await new Promise(resolve => { globalThis.setTimeout(() => { resolve({ ...getContextAttributes() }) }, random()) })
    return { seen, inTimer }
  })
  app.get<{ Querystring: { id: string } }>('/stream', async request => {
    addContextAttribute('from.handler', request.query.id)
    return Readable.from((async function * () {
      yield '{"seen":['
      for (let step = 0; step < 3; step++) {
        await wander()
        yield `${step === 0 ? '' : ','}${JSON.stringify(getContextAttributes())}`
      }
      yield ']}'
    })())
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 100 })
  t.teardown(() => { agent.destroy() })

  async function call (n: number): Promise<string | undefined> {
    const id = `id-${n}`
    const stream = n % 3 === 0
    const outgoing = request({
      agent,
      port,
      host: '127.0.0.1',
      path: stream ? `/stream?id=${id}` : '/work',
      method: stream ? 'GET' : 'POST',
      headers: { 'x-organization-id': `org-${n}`, ...(!stream && { 'content-type': 'application/json' }) }
    })
    outgoing.end(stream ? undefined : JSON.stringify({ id }))
    const [response] = await once(outgoing, 'response')
    const body = await json(response) as { seen: Array<Record<string, string>>, inTimer?: Record<string, string> }
    const organization = { 'organization.id': `org-${n}` }
    const expected = stream
      ? { seen: [0, 1, 2].map(() => ({ ...organization, 'from.handler': id })) }
      : {
          seen: [0, 1, 2, 3].map(step => ({ ...organization, 'from.hook': id, 'from.handler': `${id}:${step}` })),
          inTimer: { ...organization, 'from.hook': id, 'from.handler': `${id}:3` }
        }
    return JSON.stringify(body) === JSON.stringify(expected) ? undefined : `${id}: ${JSON.stringify(body)}`
  }

  const leaks = (await Promise.all(Array.from({ length: 1_000 }, (_, n) => call(n)))).filter(leak => leak !== undefined)
  t.strictSame(leaks, [])

  const requests = (await metrics()).find(({ name }) => name === 'count_endpoint_requests')
  t.equal(requests?.points.length, 1_000)
  for (const { attributes, value } of requests?.points ?? []) {
    const n = String(attributes['organization.id']).slice('org-'.length)
    const own = attributes['from.handler'] === (attributes['endpoint_path'] === '/stream' ? `id-${n}` : `id-${n}:3`)
    if (value !== 1 || !own) t.fail('a point of another request', { attributes })
  }
})
