import fc from 'fast-check'
import t from 'tap'
import { pairsText } from '../../../lib/dashboard/web/format/pairs.ts'
import { bindParameters, expected, type ParameterDefinition, type ParameterDefinitions } from '../../../lib/store/queries/parameters.ts'

const NOW = Date.UTC(2026, 0, 31)
const CODE = { code: 'LETTA_OTEL_STORE_INVALID_PARAMETER' }
const DEFINITIONS = {
  text: { kind: 'text', description: '', default: '' },
  id: { kind: 'hexadecimal', digits: 4, description: '', default: '00ff' },
  whole: { kind: 'number', description: '', default: 5, minimum: 1, maximum: 10 },
  part: { kind: 'number', description: '', default: 0.5, minimum: 0, maximum: 1, fraction: true },
  choice: { kind: 'choice', description: '', default: 'a', choices: ['a', 'b'] },
  time: { kind: 'time', description: '', default: 'now' },
  pairs: { kind: 'pairs', description: '', default: {} }
} as const satisfies ParameterDefinitions

const bind = (given: Record<string, unknown>) => bindParameters('sample', DEFINITIONS, given, NOW)

t.test('what is not given is as the definition says', async t => {
  const bound = { text: '', id: '00ff', whole: 5, part: 0.5, choice: 'a', time: `${NOW}000000`, pairs: [] }
  t.strictSame(bind({}), bound)
  t.strictSame(bind({ text: undefined, whole: undefined }), bound, 'nor is what is undefined')
})

t.test('text becomes what the definition says', async t => {
  t.match(bind({ id: 'ABCD', whole: '7', part: '2.5e-1', choice: 'b', pairs: 'a=1,b==,c=' }), {
    id: 'abcd', whole: 7, part: 0.25, choice: 'b', pairs: ['a=1', 'b==', 'c=']
  })
  t.strictSame(bind({ pairs: { a: '1', 'b.c': "x'y" } })['pairs'], ['a=1', "b.c=x'y"])
})

t.test('pairs are the same out of their text, whatever is in them', async t => {
  const pairs = fc.dictionary(fc.string({ minLength: 1, unit: fc.oneof(fc.constantFrom(',', '=', '\\', '\n'), fc.string({ minLength: 1, maxLength: 1 })) }),
    fc.string({ unit: fc.oneof(fc.constantFrom(',', '=', '\\', '\n'), fc.string({ minLength: 1, maxLength: 1 })) }), { maxKeys: 8 })
  fc.assert(fc.property(pairs, pairs => { t.strictSame(bind({ pairs: pairsText(pairs) })['pairs'], bind({ pairs })['pairs']) }))
  t.equal(pairsText({ 'user.agent': 'AppleWebKit (KHTML, like Gecko)' }), 'user.agent=AppleWebKit (KHTML\\, like Gecko)')
  t.strictSame(bind({ pairs: 'path=C:\\logs,last=\\' })['pairs'], ['path=C:\\logs', 'last=\\'], 'a backslash that escapes nothing is one')
})

t.test('what cannot work is refused, with what can', async t => {
  const refused: Array<[name: string, value: unknown]> = [
    ['text', 7], ['text', 'x'.repeat(1_025)], ['id', 'abc'], ['id', 'wxyz'], ['id', "ab'd"],
    ['whole', 0], ['whole', 11], ['whole', 1.5], ['whole', '1.5'], ['whole', '0x5'], ['whole', ''], ['whole', NaN], ['whole', '5; DROP'],
    ['part', 2], ['part', -1], ['part', Infinity], ['choice', 'c'], ['choice', 'toString'], ['time', 'later'],
    ['pairs', 'a'], ['pairs', '=a'], ['pairs', 'a\\=b'], ['pairs', 'a=1,b'], ['pairs', ['a']], ['pairs', { a: 1 }], ['pairs', Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`k${at}`, '']))]
  ]
  for (const [name, value] of refused) t.throws(() => bind({ [name]: value }), CODE, `${name} ${JSON.stringify(value)}`)
  t.throws(() => bind({ whole: 11 }), { message: 'parameter "whole" of query "sample" cannot be 11: give a whole number from 1 to 10' })
  t.throws(() => bind({ other: 1 }), { message: /parameter "other" of query "sample" cannot be 1: the query has text, id, whole/ })
  t.throws(() => bindParameters('sample', { trace: { kind: 'hexadecimal', digits: 32, description: '' } }, {}, NOW),
    { message: /cannot be undefined: give 32 hexadecimal digits/ })
})

t.test('inherited names are no parameters', async t => {
  for (const name of ['constructor', '__proto__', 'toString']) t.throws(() => bind(JSON.parse(`{"${name}":"x"}`) as Record<string, unknown>), CODE, name)
})

t.test('whatever is given, what is bound is of its kind', async t => {
  fc.assert(fc.property(fc.constantFrom(...Object.keys(DEFINITIONS) as Array<keyof typeof DEFINITIONS>), fc.oneof(fc.string(), fc.double(), fc.anything()), (name, value) => {
    try {
      const bound = bind({ [name]: value })[name]
      const { kind } = DEFINITIONS[name]
      if (kind === 'number') return typeof bound === 'number' && Number.isFinite(bound)
      if (kind === 'pairs') return Array.isArray(bound) && bound.every(pair => typeof pair === 'string')
      if (kind === 'time') return /^\d+$/.test(bound as string)
      return typeof bound === 'string'
    } catch (problem) {
      return (problem as { code?: string }).code === CODE.code
    }
  }))
  t.pass()
})

t.test('every kind is said in words', async t => {
  for (const definition of Object.values<ParameterDefinition>(DEFINITIONS)) t.match(expected(definition), /\w+ \w+/)
})
