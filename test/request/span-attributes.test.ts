import { once } from 'node:events'
import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { reset } from '../../lib/testing.ts'
import { observedApp, serverSpan } from './observed-app.ts'

const agents = (app: FastifyInstance): void => {
  app.post('/v1/agents/:agent_id', async (_request, reply) => {
    reply.header('x-reply', 'answer').header('set-cookie', 'a=b')
    return {}
  })
}

t.test('semantics: stable, letta, both', async t => {
  const letta = ['http.agent_id', 'http.method', 'http.status_code', 'http.url']
  const stable = ['http.request.method', 'http.response.status_code', 'url.path', 'url.query', 'url.scheme']
  for (const [semantics, present, absent] of [['stable', stable, letta], ['letta', letta, stable], ['both', [...letta, ...stable], []]] as const) {
    const { url, app, port } = await observedApp(t, agents, { semantics })
    await (await fetch(`${url}/v1/agents/agent-1?token=x&a=1`, { method: 'POST' })).text()
    const { attributes } = await serverSpan()
    for (const name of present) t.ok(name in attributes, `${semantics}: ${name}`)
    for (const name of absent) t.notOk(name in attributes, `${semantics}: no ${name}`)
    t.equal(attributes['http.route'], '/v1/agents/:agent_id')
    if (semantics !== 'stable') {
      t.equal(attributes['http.url'], `http://127.0.0.1:${port}/v1/agents/agent-1?token=REDACTED&a=1`)
      t.equal(attributes['http.method'], 'POST')
      t.equal(attributes['http.agent_id'], 'agent-1')
      t.equal(attributes['http.status_code'], 200)
    }
    await app.close()
  }
})

t.test('context headers: the Letta map, and one\'s own', async t => {
  const headers = {
    user_id: 'user-1',
    'x-organization-id': 'org-1',
    'x-project-id': 'project-1',
    'x-agent-id': 'agent-1',
    'x-template-id': 'template-1',
    'x-base-template-id': 'base-1',
    'user-agent': 'agent/1',
    'x-stainless-package-version': '1.2.3',
    'x-stainless-lang': 'js',
    'x-letta-source': 'ade'
  }
  const { url, app } = await observedApp(t, agents)
  await (await fetch(`${url}/v1/agents/a`, { method: 'POST', headers })).text()
  t.match((await serverSpan()).attributes, {
    'user.id': 'user-1',
    'organization.id': 'org-1',
    'project.id': 'project-1',
    'agent.id': 'agent-1',
    'template.id': 'template-1',
    'base_template.id': 'base-1',
    client: 'agent/1',
    'sdk.version': '1.2.3',
    'sdk.language': 'js',
    source: 'ade'
  })
  await app.close()

  const own = await observedApp(t, agents, { contextHeaders: { 'X-Tenant': 'tenant.id', 'x-region': { attribute: 'region', ambient: true } } })
  await (await fetch(`${own.url}/v1/agents/a`, { method: 'POST', headers: { ...headers, 'x-tenant': 'y'.repeat(5_000), 'x-region': '' } })).text()
  const { attributes } = await serverSpan()
  t.equal((attributes['tenant.id'] as string).length, 1_024, 'a client does not choose how long a value is')
  t.notOk('region' in attributes)
  t.notOk('organization.id' in attributes)
})

t.test('captured headers and body fields are those asked for', async t => {
  const { url } = await observedApp(t, agents, {
    captureHeaders: { request: ['X-Ask', 'x-none'], response: ['x-reply', 'content-length'] },
    captureBody: ['model', 'count', 'stream', 'nested', 'absent', 'toString', 'tokens']
  })
  await (await fetch(`${url}/v1/agents/a`, {
    method: 'POST',
    headers: { 'x-ask': 'one', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm'.repeat(2_000), count: 3, stream: true, nested: { deep: 1 }, tokens: 'S3CR3T', other: 'no' })
  })).text()
  const { attributes } = await serverSpan()
  t.strictSame(attributes['http.request.header.x-ask'], ['one'])
  t.strictSame(attributes['http.response.header.x-reply'], ['answer'])
  t.strictSame(attributes['http.response.header.content-length'], ['2'])
  t.equal(attributes['http.request.body.model'], 'm'.repeat(1_024))
  t.equal(attributes['http.request.body.count'], 3)
  t.equal(attributes['http.request.body.stream'], true)
  const captured = Object.keys(attributes).filter(name => /header|body/.test(name))
  t.equal(captured.length, 6, captured.join(' '))
})

t.test('addresses behind a proxy, and requests without a host', async t => {
  const { url, connect, app } = await observedApp(t, app => { app.get('/', async () => 'ok') }, {}, { trustProxy: true })
  await (await fetch(url, { headers: { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-host': 'api.example.com:8443', 'x-forwarded-proto': 'https' } })).text()
  t.match((await serverSpan()).attributes, {
    'client.address': '203.0.113.7',
    'network.peer.address': '127.0.0.1',
    'server.address': 'api.example.com',
    'server.port': 8443,
    'url.scheme': 'https'
  })
  await (await import('../../lib/testing.ts')).reset()
  const socket = await connect()
  socket.write('GET /?%zz=%&&token HTTP/1.0\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  const { attributes } = await serverSpan()
  t.notOk('server.address' in attributes)
  t.equal(attributes['network.protocol.version'], '1.0')
  t.equal(attributes['url.query'], '%zz=%&&token')
  t.ok(app)
})

t.test('a host that is none does no harm', async t => {
  const { connect } = await observedApp(t, app => { app.get('/', async () => 'ok') })
  for (const host of ['[::1', ':::::', 'a:b:c', 'x'.repeat(4_000), '[fe80::1]:9']) {
    const socket = await connect()
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    socket.resume()
    await once(socket, 'close')
    const span = await serverSpan()
    t.equal(span.attributes['http.response.status_code'], 200, host.slice(0, 20))
    await (await import('../../lib/testing.ts')).reset()
  }
})

t.test('secrets in every form of a request\'s target', async t => {
  const { connect, port } = await observedApp(t, app => { app.get('/*', async () => 'ok') }, { semantics: 'both' })
  const targets: Array<[target: string, path: string, query: string | undefined]> = [
    ['http://user:S3CR3T@host/a?token=S3CR3T', '/a', 'token=REDACTED'],
    ['http://user:S3CR3T@host', '/', undefined],
    ['/a?token[]=S3CR3T&user[password]=S3CR3T', '/a', 'token[]=REDACTED&user[password]=REDACTED'],
    ['/a??token=S3CR3T', '/a', '?token=REDACTED'],
    ['/a#token=S3CR3T', '/a', 'token=REDACTED'],
    ['/a;token=S3CR3T', '/a;token=REDACTED', undefined],
    ['/a?b=1;refresh_token=S3CR3T', '/a', 'b=1;refresh_token=REDACTED']
  ]
  for (const [target, path, query] of targets) {
    const socket = await connect()
    socket.write(`GET ${target} HTTP/1.1\r\nHost: host:${port}\r\nConnection: close\r\n\r\n`)
    socket.resume()
    await once(socket, 'close')
    const { attributes } = await serverSpan()
    t.equal(attributes['url.path'], path, target)
    t.equal(attributes['url.query'], query)
    t.equal(attributes['http.url'], `http://host:${port}${path}${query === undefined ? '' : `?${query}`}`)
    t.notMatch(JSON.stringify(attributes), 'S3CR3T')
    await reset()
  }
})

t.test('a user agent is cut, in both its places', async t => {
  const { url } = await observedApp(t, agents)
  await (await fetch(`${url}/v1/agents/a`, { method: 'POST', headers: { 'user-agent': 'u'.repeat(5_000) } })).text()
  const { attributes } = await serverSpan()
  t.equal(attributes['user_agent.original'], 'u'.repeat(1_024))
  t.equal(attributes['client'], 'u'.repeat(1_024))
})

t.test('a path parameter cannot stand for what the span says itself', async t => {
  const { url } = await observedApp(t, app => { app.get('/rpc/:method/:url', async () => 'ok') }, { semantics: 'letta' })
  await (await fetch(`${url}/rpc/evil/u`)).text()
  t.match((await serverSpan()).attributes, { 'http.method': 'GET', 'http.url': `${url}/rpc/evil/u` })
})

t.test('a proxy that says nonsense about the scheme, and attributes without a name', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/', async request => {
      request.telemetry.addAttribute(undefined as unknown as string, 1)
      request.telemetry.addAttribute('organization.id', 'verified')
      return 'ok'
    })
  }, {}, { trustProxy: true })
  await (await fetch(url, { headers: { 'x-forwarded-proto': 'p5', 'x-organization-id': 'claimed' } })).text()
  t.match((await serverSpan()).attributes, { 'url.scheme': 'http', 'organization.id': 'verified' })
})
