import t from 'tap'
import { valueText } from '../../lib/trace/value-text.ts'
import { PARAMETER_LIMITS } from '../../lib/vocabulary/method-tracing.ts'

const text = (value: unknown): string => valueText(value, PARAMETER_LIMITS).text

t.test('what is large takes no longer than what is kept of it', t => {
  // Each is made when it is its turn: to look through what the others keep would take the garbage collector longer than all that is timed.
  const row = { a: 'x'.repeat(100) }
  const cases: Record<string, () => unknown> = {
    'an array of 240 MB': () => new Array(30_000_000).fill(0.5),
    'a buffer of 500 MB': () => Buffer.alloc(500_000_000),
    'a text of 10 MB': () => 'x'.repeat(10_000_000),
    'an object with a text of 10 MB': () => ({ text: '"\n'.repeat(5_000_000) }),
    words: () => 'lorem ipsum dolor sit amet '.repeat(400_000),
    URLs: () => 'https://u:p@h/x?api_key=abc&b=1 '.repeat(60_000),
    'a list of URLs': () => Array.from({ length: 900 }, () => 'https://u:p@h/x?api_key=abc&b=1 '.repeat(60)),
    keys: () => 'sk-abcdefghijklmnopqrstuv '.repeat(80_000),
    'what begins as a key': () => 'sk-'.repeat(700_000),
    'encoded bytes': () => Buffer.alloc(1_500_000, 'abcdefg').toString('base64'),
    'a map of a million': () => new Map(Array.from({ length: 1_000_000 }, (_, n) => [n, n])),
    'arrays of arrays': () => Array.from({ length: 900 }, () => Array.from({ length: 900 }, () => row))
  }
  for (const make of Object.values(cases)) text(make())
  for (const [what, make] of Object.entries(cases)) {
    const value = make()
    const times = Array.from({ length: 15 }, () => {
      const start = performance.now()
      const kept = text(value)
      const time = performance.now() - start
      t.ok(kept.length <= PARAMETER_LIMITS.value + 100)
      return time
    })
    t.comment(`${what}: ${Math.min(...times).toFixed(3)} ms`)
    // The fastest: the machine may do other things between.
    t.ok(Math.min(...times) < 15, what)
    if (what.startsWith('an array') || what.startsWith('a buffer')) t.ok(Math.min(...times) < 0.1, `${what} takes microseconds`)
  }
  t.end()
})
