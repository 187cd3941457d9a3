import fc from 'fast-check'
import t from 'tap'
import { callTool } from '../../example-server/tools/call-tool.ts'
import { evaluate } from '../../example-server/tools/evaluate-expression.ts'
import { TOOLS } from '../../example-server/tools/tools.ts'

const call = (name: string, input: unknown) => callTool(TOOLS, name, JSON.stringify(input))

t.test('expressions', async t => {
  const values: Record<string, number> = {
    '6 * 7': 42,
    '1 + 2 * 3 - 4 / 2': 5,
    '(1 + 2) * (3 - 4)': -3,
    '10 - 4 - 3': 3,
    '2 ^ 3 ^ 2': 512,
    '-2 ^ 2': -4,
    '2 ^ -1': 0.5,
    '--3 + +1': 4,
    '7 % 4': 3,
    '.5 + 1.25': 1.75,
    ' 8 ': 8
  }
  for (const [expression, value] of Object.entries(values)) t.equal(evaluate(expression), value, expression)
})

t.test('what is no expression is refused with a reason', async t => {
  t.throws(() => evaluate('2 +'), /ends too early/)
  t.throws(() => evaluate(''), /ends too early/)
  t.throws(() => evaluate('(1 + 2'), /parenthesis is missing/)
  t.throws(() => evaluate('1 2'), /"2" is not expected/)
  t.throws(() => evaluate('* 2'), /"\*" is not expected/)
  t.throws(() => evaluate('process.exit()'), /cannot be read at "p"/)
  t.throws(() => evaluate('1 / 0'), /no finite value/)
  t.throws(() => evaluate('('.repeat(201)), /longer than 200/)
})

t.test('sums and products are what JavaScript makes of them', async () => {
  const expression = fc.array(fc.tuple(fc.constantFrom('+', '-', '*'), fc.nat({ max: 99 })), { minLength: 1, maxLength: 20 })
    .map(parts => `1 ${parts.map(([operator, number]) => `${operator} ${number}`).join(' ')}`)
  fc.assert(fc.property(expression, text => {
    return evaluate(text) === new Function(`return ${text}`)() // eslint-disable-line no-new-func -- the independent answer
  }), { numRuns: 100 })
})

t.test('calculate rounds away what binary fractions add', async t => {
  t.strictSame(call('calculate', { expression: '0.1 + 0.2' }), { status: 'success', content: '0.3' })
})

t.test('count_words', async t => {
  t.strictSame(call('count_words', { text: 'The quick, brown fox.' }), { status: 'success', content: '4' })
})

t.test('current_time', async t => {
  t.match(call('current_time', {}), { status: 'success', content: /UTC$/ })
  t.match(call('current_time', { time_zone: 'Asia/Tokyo' }), { status: 'success', content: /GMT\+9$/ })
  t.match(call('current_time', { time_zone: 'Nowhere/At_All' }), { status: 'error', content: /no time zone "Nowhere\/At_All"/ })
})

t.test('a model that calls a tool wrongly is told so', async t => {
  t.match(call('fly', {}), { status: 'error', content: /no tool "fly"/ })
  t.match(call('calculate', {}), { status: 'error', content: /"expression" must be a text/ })
  t.match(call('calculate', [1]), { status: 'error', content: /must be a JSON object/ })
  t.match(callTool(TOOLS, 'calculate', '{"expression":'), { status: 'error', content: /JSON/ })
  t.match(callTool(TOOLS, 'current_time', ''), { status: 'success' }, 'no arguments at all are none')
})
