import { join } from 'node:path'
import t from 'tap'
import { ALERT_RULES } from '../../../lib/store/alerts/alert-rules.ts'
import type { Engine } from '../../../lib/store/engine.ts'
import { openStore } from '../../../lib/store/open-store.ts'
import { clickhouseServer, PASSWORD } from '../../fixtures/clickhouse-http.ts'
import { insertTroubles, TROUBLED_END } from '../../store/troubled-store.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { runHere, runProgram } from '../command-line.ts'

const env = { LETTA_DIR: temporaryDirectory(t) }
const END = new Date(TROUBLED_END * 1_000).toISOString()
const check = async (words: readonly string[], variables: Record<string, string> = env) => await runHere(['alerts', 'check', '--at', END, ...words], variables)

async function fill (directory: string): Promise<void> {
  const store = await openStore({ path: join(directory, 'data') })
  await insertTroubles(store.engine)
  await store.close()
}

async function command (directory: string, work: (engine: Engine) => Promise<void>): Promise<void> {
  const store = await openStore({ path: join(directory, 'data') })
  await work(store.engine)
  await store.close()
}

t.test('rules are listed, and their SQL is no secret', async t => {
  const { code, stdout } = await runHere(['alerts', 'list'], env)
  t.equal(code, 0)
  t.match(stdout, /│ slow-requests +│ warning +│ Requests are slow +│ threshold=5000 minimum_requests=10 +│/)
  const listed = JSON.parse((await runHere(['alerts', 'list', '--json'], env)).stdout) as Array<{ name: string }>
  t.strictSame(listed.map(({ name }) => name), ALERT_RULES.map(({ name }) => name))
  t.match(listed[0], { windowSeconds: 300, forSeconds: 300, comparison: 'above', parameters: { threshold: { default: 5_000 } }, sql: /FROM endpoint_minutes/ })
  t.match((await runHere(['alerts', 'list', 'no-traces'], env)).stdout, /^SELECT count\(\) AS value\n/)
})

t.test('a wrong command line', async t => {
  const wrong: Array<[words: string[], message: RegExp]> = [
    [['alerts', 'list', 'nope'], /"--rule" cannot be "nope": use one of slow-requests, /],
    [['alerts', 'check', '--rule', 'nope'], /"--rule" cannot be "nope": use one of slow-requests, /],
    [['alerts', 'check', '--set', 'threshold'], /"--set" cannot be "threshold": use rule\.parameter=value/],
    [['alerts', 'check', '--set', 'nope.threshold=1'], /"--set" cannot be "nope\.threshold=1"/],
    [['alerts', 'check', '--rule', 'no-traces', '--set', 'objective=0.9'], /"--set" cannot be "objective=0\.9": .*\(threshold\)/],
    [['alerts', 'check', '--at', 'yesterday'], /"--at" cannot be "yesterday": use now/]
  ]
  for (const [words, message] of wrong) {
    const { code, stdout, stderr } = await runHere(words, env)
    t.strictSame([code, stdout], [2, ''], words.join(' '))
    t.match(stderr, message)
  }
})

t.test('a store that cannot say', async t => {
  const early = await check([])
  t.equal(early.code, 3)
  t.match(early.stderr, /LETTA_OTEL_STORE_NOT_MIGRATED/)
  t.equal((await check([], { ...env, CLICKHOUSE_ENDPOINT: 'http://127.0.0.1:1' })).code, 3)
})

t.test('what fires makes the exit code', async t => {
  await fill(env.LETTA_DIR)
  const all = await runProgram(['alerts', 'check', '--at', END], env)
  t.strictSame([all.code, all.stderr], [1, ''])
  t.match(all.stdout, /│ slow-requests +│ firing +│ warning +│ slow +│ 6 s +│ above 5 s for 5 min +│/)
  t.match(all.stdout, /│ slow-requests +│ pending +│ warning +│ lately-slow +│ 7 s +│/)
  t.match(all.stdout, /│ endpoint-errors +│ firing +│ warning +│ failing GET \/a +│ 10 % +│ above 5 % +│/)
  t.match(all.stdout, /│ no-traces +│ ok +│ critical +│ - +│ 251 +│ below 1 +│/)
  t.match(all.stdout, /\n8 of 9 rules fire\n$/)

  const fine = await check(['--rule', 'no-traces', 'spool-filling', '--set', 'spool-filling.threshold=3e8'])
  t.equal(fine.code, 0)
  t.match(fine.stdout, /\n0 of 2 rules fire\n$/)
  const pending = await check(['--rule', 'slow-requests', '--set', 'slow-requests.threshold=6500'])
  t.equal(pending.code, 0, 'what is pending does not fire')
  t.match(pending.stdout, /│ pending │/)
  t.equal((await check(['--rule', 'budget-burn-1h', '--set', 'objective=0.9'])).code, 0)
  t.equal((await check(['--rule', 'budget-burn-1h', '--set', 'objective=0.9', '--set', 'budget-burn-1h.objective=0.999'])).code, 1, 'what is said later counts')
  t.equal((await check(['--set', 'objective=2'])).code, 2)

  const json = await check(['--rule', 'server-errors', '--json'])
  t.equal(json.code, 1)
  t.strictSame(JSON.parse(json.stdout), {
    at: END,
    firing: 1,
    failed: 0,
    findings: [{
      rule: 'server-errors', state: 'firing', severity: 'critical', title: 'Requests are answered with 5xx', labels: { service: 'failing' }, value: 0.02, unit: 'ratio', comparison: 'above', threshold: 0.01, window_seconds: 300, for_seconds: 0
    }]
  })
  const silent = await runHere(['alerts', 'check', '--rule', 'no-traces'], env)
  t.strictSame([silent.code, silent.stdout.includes('firing')], [1, true], 'now is when nothing says otherwise')
})

t.test('a rule that cannot be checked is no rule that fires', async t => {
  await command(env.LETTA_DIR, async engine => { await engine.command('DROP TABLE otel_metrics_sum') })
  const failed = await check(['--rule', 'no-traces', 'telemetry-lost'])
  t.equal(failed.code, 3)
  t.match(failed.stdout, /│ telemetry-lost +│ failed +│[^]*\n0 of 2 rules fire, and 1 could not be checked\n$/)
  t.match(JSON.parse((await check(['--rule', 'telemetry-lost', '--json'])).stdout), { failed: 1, findings: [{ state: 'failed', value: null, problem: /otel_metrics_sum/ }] })
  t.equal((await check(['--rule', 'server-errors', 'telemetry-lost'])).code, 1, 'what fires is told first')

  await command(env.LETTA_DIR, async engine => {
    await engine.command('DROP TABLE schema_migrations')
    await engine.command('CREATE TABLE schema_migrations (nothing UInt8) ENGINE = Memory')
  })
  const broken = await check([])
  t.equal(broken.code, 3)
  t.match(broken.stderr, /^letta-otel: LETTA_OTEL_STORE_NO_ANSWER: the telemetry store did not answer \(.*\n$/)
})

t.test('a server is asked alike', async t => {
  const server = await clickhouseServer(temporaryDirectory(t))
  t.teardown(async () => { await server.close() })
  const remote = await openStore({ url: server.url, password: PASSWORD })
  await insertTroubles(remote.engine)
  await remote.close()
  const { code, stdout } = await check([], { ...env, CLICKHOUSE_ENDPOINT: server.url, CLICKHOUSE_PASSWORD: PASSWORD })
  t.equal(code, 1)
  t.match(stdout, /\n8 of 9 rules fire\n$/)
})
