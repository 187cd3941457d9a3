import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import t, { type Test } from 'tap'
import { checkPorts } from '../../lib/collector/check-ports.ts'
import type { Setting } from '../../lib/collector/settings.ts'

const port = (name: string, value: string): Setting => ({ name, value, kind: 'port', meaning: `meaning of ${name}`, isRequired: false, isSet: true, isInFallback: false })
const host = (value: string): Setting => ({ name: 'LETTA_OTELCOL_HOST', value, kind: 'value', meaning: '', isRequired: false, isSet: true, isInFallback: false })

async function taken (t: Test, address: string): Promise<string> {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return String((server.address() as AddressInfo).port)
}

t.test('a port that is free', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const free = String((server.address() as AddressInfo).port)
  await once(server.close(), 'close')
  for (const address of ['127.0.0.1', '0.0.0.0']) {
    t.strictSame(await checkPorts([port('A', free), host(address)]), [{ kind: 'port', what: free, meaning: 'meaning of A', problem: undefined }])
  }
  t.strictSame(await checkPorts([host('127.0.0.1')]), [])
})

t.test('a port that somebody has', async t => {
  for (const [theirs, ours] of [['127.0.0.1', '127.0.0.1'], ['127.0.0.1', '0.0.0.0'], ['0.0.0.0', '0.0.0.0']] as const) {
    const value = await taken(t, theirs)
    t.match((await checkPorts([port('A', value), host(ours)]))[0]?.problem, /^another process listens on it \(127\.0\.0\.1\)\. Free it, or set A to another$/)
  }
})

t.test('no port, and one port for two', async t => {
  for (const value of ['', 'abc', '0', '65536', '1.5', '-1', '1e3']) {
    t.equal((await checkPorts([port('A', value)]))[0]?.problem, `${JSON.stringify(value)} is no port: use a whole number from 1 to 65535`)
  }
  t.match(await checkPorts([port('A', '4317'), port('B', '4317')]), [{ problem: /^4317 is the port of B too\. Set A to another$/ }, { problem: /^4317 is the port of A too\. Set B to another$/ }])
})

t.test('an address of another machine', async t => {
  t.match((await checkPorts([port('A', await taken(t, '127.0.0.2')), host('192.0.2.1')]))[0]?.problem, /^192\.0\.2\.1 is no address of this machine\. Set LETTA_OTELCOL_HOST to one, or leave it out$/)
})

t.test('profiles and pages are on the loopback address, the others on the one that was chosen', async t => {
  const value = await taken(t, '127.0.0.1')
  t.strictSame((await checkPorts([port('LETTA_OTELCOL_GRPC_PORT', value), host('127.0.0.2')]))[0]?.problem, undefined)
  for (const name of ['LETTA_OTELCOL_PPROF_PORT', 'LETTA_OTELCOL_ZPAGES_PORT']) {
    t.match((await checkPorts([port(name, value), host('127.0.0.2')]))[0]?.problem, /listens on it \(127\.0\.0\.1\)/, name)
  }
})

t.test('several ports that are taken are those of a collector, which is said once', async t => {
  const [one, other] = [await taken(t, '127.0.0.1'), await taken(t, '127.0.0.1')]
  const checks = await checkPorts([port('A', one), port('B', other)])
  t.match(checks[0]?.problem, /^another process listens on it \(127\.0\.0\.1\); as 2 ports are taken, it is probably a collector that runs already, .* SIGKILL\. Free it, or set A to another$/)
  t.match(checks[1]?.problem, /^another process listens on it \(127\.0\.0\.1\)\. Free it, or set B to another$/)
})

const hasIpv6 = Object.values(networkInterfaces()).some(addresses => addresses?.some(({ address }) => address === '::1'))

t.test('IPv6', { skip: !hasIpv6 && 'this machine has no IPv6 loopback' }, async t => {
  const value = await taken(t, '::1')
  for (const address of ['[::1]', '::1']) {
    t.match((await checkPorts([port('A', value), host(address)]))[0]?.problem, /^another process listens on it \(::1\)/)
  }
  t.equal((await checkPorts([port('A', value), host('127.0.0.1')]))[0]?.problem, undefined)
})
