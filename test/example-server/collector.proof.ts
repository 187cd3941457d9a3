import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { lettaDirectory } from '../fixtures/environment.ts'
import { fakeCollector, type FakeCollector } from './fake-collector.ts'
import { ExampleClient, ExampleProcess } from './running-example.ts'

interface Started {
  readonly example: ExampleProcess
  readonly collector: FakeCollector
}

async function start (t: Test, { env = {}, args = ['--collector'] }: { env?: Record<string, string>, args?: string[] } = {}): Promise<Started> {
  const collector = await fakeCollector(lettaDirectory())
  const example = new ExampleProcess(t, 'start.ts', {
    ...collector.env,
    PORT: '0',
    PROVIDER_PORT: '0',
    PROVIDER_FAILURE_RATE: '0',
    PROVIDER_FIRST_TOKEN_MS: '5',
    PROVIDER_TOKEN_MS: '1',
    // Rows would wait for it: the example starts sooner without chDB.
    CLICKHOUSE_ENDPOINT: 'http://127.0.0.1:1',
    OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
    ...env
  }, args)
  t.teardown(async () => {
    const pid = collector.report()?.pid
    if (pid !== undefined && isRunning(pid)) process.kill(pid, 'SIGKILL')
  })
  return { example, collector }
}

function isRunning (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

t.test('the collector gets everything, also what is sent last, and is stopped after the server', async t => {
  const { example, collector } = await start(t, { args: ['--collector', '--config', 'file-dev'], env: { OPENAI_BASE_URL: '' } })
  const { server } = await example.announced()
  const client = new ExampleClient(server)
  await client.say(await client.createAgent(), '', 'What is 6 * 7?')
  const ended = example.ended()
  example.child.kill('SIGTERM')
  t.equal(await ended, 0, example.output)
  const { words, requests, stoppedBy } = collector.report()!
  t.equal(stoppedBy, 'SIGTERM')
  t.match(words, [/^--config=.*base\.yaml$/, /listen-loopback\.yaml$/, /file\.yaml$/])
  const sent = (path: string, text: string): boolean => requests.some(request => request.path === path && request.text.includes(text))
  t.ok(sent('/v1/traces', 'invoke_agent Ada'))
  t.ok(sent('/v1/metrics', 'count_endpoint_requests'))
  t.ok(sent('/v1/logs', 'closing'), 'the last lines of the log too')
  t.match(example.output, `Collector     http://127.0.0.1:${collector.env['LETTA_OTELCOL_HTTP_PORT']}`)
})

t.test('when the collector ends, all ends, with its exit code', async t => {
  const { example, collector } = await start(t)
  const { server } = await example.announced()
  const ended = example.ended()
  await fetch(`${collector.health}/end/7`).catch(() => {})
  t.equal(await ended, 7)
  t.match(example.output, 'The collector ended (exit code 7), so the example ends too.')
  await t.rejects(fetch(server))
})

t.test('when the server ends, the collector is stopped', async t => {
  const { example, collector } = await start(t)
  await example.announced()
  const ended = example.ended()
  process.kill(JSON.parse(example.output.split('\n').find(line => line.startsWith('{')) ?? '{}').pid, 'SIGKILL')
  t.equal(await ended, 137, 'as a shell says of SIGKILL')
  t.equal(collector.report()?.stoppedBy, 'SIGTERM')
})

t.test('when what runs the collector is killed, the collector is stopped too', async t => {
  const { example, collector } = await start(t)
  await example.announced()
  const { pid } = collector.report()!
  const ended = example.ended()
  process.kill(Number(execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' })), 'SIGKILL')
  t.equal(await ended, 137)
  while (isRunning(pid)) await pause(20)
  t.equal(collector.report()?.stoppedBy, 'SIGTERM')
})

t.test('when the launcher is killed, nothing is left behind', async t => {
  const { example, collector } = await start(t)
  await example.announced()
  const { pid } = collector.report()!
  example.child.kill('SIGKILL')
  while (isRunning(pid)) await pause(20)
  t.equal(collector.report()?.stoppedBy, 'SIGTERM')
})

t.test('it stops when it is told to while the collector starts', async t => {
  const { example, collector } = await start(t)
  const ended = example.ended()
  while (collector.report() === undefined) await pause(20)
  example.child.kill('SIGTERM')
  t.equal(await ended, 0, example.output)
  t.notMatch(example.output, 'Try:')
})

t.test('a collector that cannot be started', async t => {
  const { example } = await start(t, { env: { LETTA_OTELCOL_BINARY: '/nowhere/otelcol' } })
  t.equal(await example.ended(), 3, 'the exit code of letta-otel collector start')
  t.match(example.output, /^letta-otel: LETTA_OTEL_COLLECTOR_UNUSABLE: .*\/nowhere\/otelcol.*$/m)
  t.notMatch(example.output, 'Try:')
})

t.test('arguments that cannot work', async t => {
  const wrong: Array<[args: string[], env: Record<string, string>, message: RegExp]> = [
    [['--config', 'file-dev'], {}, /^--config is for a collector\. Usage: npm start, .*npm start -- --collector/],
    [['--colector'], {}, /Unknown option '--colector'.*Usage: npm start/],
    [['--collector'], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, /^OTEL_EXPORTER_OTLP_ENDPOINT names another collector: unset it, or leave --collector out\.$/]
  ]
  for (const [args, env, message] of wrong) {
    const { example, collector } = await start(t, { args, env })
    t.equal(await example.ended(), 1)
    t.match(example.output.trimEnd(), message)
    t.equal(collector.report(), undefined)
  }
})
