import t from 'tap'
import { temporaryDirectory } from '../temporary-directory.ts'
import { ExampleProcess } from './running-example.ts'

t.test('a mixed load, and what became of it', async t => {
  const example = new ExampleProcess(t, 'start.ts', {
    LETTA_DIR: temporaryDirectory(t), PORT: '0', PROVIDER_PORT: '0', PROVIDER_FAILURE_RATE: '0', PROVIDER_FIRST_TOKEN_MS: '5', PROVIDER_TOKEN_MS: '1'
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
