import t from 'tap'
import { backoffMs, isRetryable, retryAfterMs } from '../../lib/export/retry-policy.ts'

t.test('only what OTLP names is retryable', async t => {
  t.strictSame(Array.from({ length: 500 }, (_, index) => index + 100).filter(isRetryable), [429, 502, 503, 504])
})

t.test('Retry-After in every form', async t => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  t.equal(retryAfterMs(undefined, now), undefined)
  t.equal(retryAfterMs(' ', now), undefined)
  t.equal(retryAfterMs('soon', now), undefined)
  t.equal(retryAfterMs('1.5', now), 1_500)
  t.equal(retryAfterMs('-1', now), 0)
  t.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:07 GMT', now), 7_000)
  t.equal(retryAfterMs('Thu, 01 Jan 2015 00:00:07 GMT', now), 0, 'a date that is over')
  t.equal(retryAfterMs('999999', now), 300_000, 'never longer than five minutes')
})

t.test('delays grow to a bound, and vary by a fifth', async t => {
  const retry = { firstMs: 100, maxMs: 1_000 }
  t.strictSame([1, 2, 3, 4, 5, 50, 5_000].map(failures => backoffMs(failures, retry, 0.5)), [100, 200, 400, 800, 1_000, 1_000, 1_000])
  t.equal(backoffMs(1, retry, 0), 80)
  t.equal(Math.round(backoffMs(1, retry, 1)), 120)
  const delay = backoffMs(1, retry)
  t.ok(delay >= 80 && delay <= 120)
})
