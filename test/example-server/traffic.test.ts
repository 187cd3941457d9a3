import t from 'tap'
import { Results } from '../../example-server/load/results.ts'
import { trafficOptions } from '../../example-server/load/traffic-options.ts'
import { ExampleProcess } from './running-example.ts'

t.test('a mixed load, and what became of it', async t => {
  const example = new ExampleProcess(t, 'start.ts', {
    LETTA_DIR: t.testdir(), PORT: '0', PROVIDER_PORT: '0', PROVIDER_FAILURE_RATE: '0', PROVIDER_FIRST_TOKEN_MS: '5', PROVIDER_TOKEN_MS: '1'
  }, ['--no-backend'])
  const { server } = await example.announced()
  // Twenty requests have some of each kind.
  const traffic = new ExampleProcess(t, 'traffic.ts', { BASE_URL: server }, ['--seconds', '1', '--rate', '20'])
  t.equal(await traffic.ended(), 0)
  t.match(traffic.output, '20 requests in ')
  const expected = {
    'invalid body': '400 1',
    job: '200 3',
    'list agents': '200 1',
    message: '200 6',
    stream: '200 5',
    'stream, client leaves': 'aborted 2',
    'unknown agent': '404 1',
    'unknown path': '404 1'
  }
  for (const [kind, answer] of Object.entries(expected)) t.match(traffic.output, new RegExp(`^${kind} +${answer.replace(' ', ' +')} `, 'm'))
  const ended = example.ended()
  example.child.kill('SIGTERM')
  t.equal(await ended, 0)
})

t.test('no server, no traffic', async t => {
  const traffic = new ExampleProcess(t, 'traffic.ts', { BASE_URL: 'http://127.0.0.1:1' })
  t.equal(await traffic.ended(), 1)
  t.match(traffic.output, /^The example server does not answer at http:\/\/127\.0\.0\.1:1: start it/)
})

t.test('options', async t => {
  const options = (args: string[], baseUrl = ''): unknown => {
    process.env['BASE_URL'] = baseUrl
    return trafficOptions(args)
  }
  t.strictSame(options([]), { baseUrl: 'http://127.0.0.1:8283', seconds: 20, rate: 5 })
  t.strictSame(options(['--seconds', '3', '--rate', '0.5'], 'http://localhost:1/'), { baseUrl: 'http://localhost:1', seconds: 3, rate: 0.5 })
  t.match(options([], 'http://[::1]:1'), { baseUrl: 'http://[::1]:1' })
  t.throws(() => options(['--seconds', '0']), /--seconds is "0"/)
  t.throws(() => options(['--rate', '1000']), /--rate is "1000"/)
  t.throws(() => options(['--speed', '3']), /Unknown option '--speed'.*Usage/)
  t.throws(() => options([], 'http://example.com'), /only sent to this machine/)
  t.throws(() => options([], 'http://127.0.0.1.example.com'), /only sent to this machine/)
  t.throws(() => options([], 'ftp://127.0.0.1'), /no http or https URL/)
})

t.test('the table', async t => {
  const results = new Results()
  for (const milliseconds of [10, 30, 20]) results.add('message', 200, milliseconds)
  results.add('message', 502, 5)
  t.equal(results.count, 4)
  t.equal(results.table(), [
    'kind      answer   count   p50 ms   p95 ms',
    'message   200          3       20       30',
    'message   502          1        5        5'
  ].join('\n'))
})
