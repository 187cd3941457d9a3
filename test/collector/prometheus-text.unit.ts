import t from 'tap'
import { readSamples } from '../../lib/collector/prometheus-text.ts'

t.test('numbers with their labels', async t => {
  t.strictSame(readSamples(`# HELP a What it is, with a # in it.
# TYPE a counter
a{name="x \\"quoted\\", with } and \\\\",other="y"} 1.5e+06
a{name="z"} 2
# TYPE b gauge
b NaN
c +Inf
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 2
h_sum 3
h_count 2
`), [
    { name: 'a', labels: { name: 'x "quoted", with } and \\', other: 'y' }, value: 1_500_000 },
    { name: 'a', labels: { name: 'z' }, value: 2 },
    { name: 'b', labels: {}, value: NaN },
    { name: 'c', labels: {}, value: Infinity }
  ])
})

t.test('what is no metric', async t => {
  for (const text of ['', '\n', '<html>not found</html>', '{"a": 1}', '# only a comment']) t.strictSame(readSamples(text), [], text)
})
