import t from 'tap'
import { Results } from '../../example-server/load/results.ts'
import { trafficOptions } from '../../example-server/load/traffic-options.ts'

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
