/* eslint no-template-curly-in-string: off -- such strings are what is read */
import t from 'tap'
import { readVariables, resolveVariable } from '../../lib/collector/read-variables.ts'

const mentioned = (text: string): Array<[name: string, fallback: string | undefined]> => readVariables(text).map(({ name, fallback }) => [name, fallback])

t.test('variables are found with what holds without them', async t => {
  t.strictSame(mentioned('a: ${env:ONE}\nb: ${env:TWO:-2}:${env:THREE:-}\nc: ${file:x} ${FOUR:-x} $${env} ${FIVE}\n'), [
    ['ONE', undefined], ['TWO', '2'], ['THREE', ''], ['FIVE', undefined]
  ])
})

t.test('of two dollars, the first takes the meaning of the second away', async t => {
  t.strictSame(mentioned('$${env:A} $$${env:B} $$$${C}'), [['B', undefined]])
})

t.test('a fallback may hold variables, and they are found too', async t => {
  t.strictSame(readVariables('${env:FILE:-${env:DIR:-/tmp}/logs/a.json} ${env:B}'), [
    { name: 'FILE', fallback: '${env:DIR:-/tmp}/logs/a.json', isInFallback: false }, { name: 'DIR', fallback: '/tmp', isInFallback: true },
    { name: 'B', fallback: undefined, isInFallback: false }
  ])
  t.match(readVariables('${env:B} ${env:A:-${env:B}} ${env:B}'), [{ name: 'B', isInFallback: true }, {}])
})

t.test('who needs a variable in one place needs it', async t => {
  t.strictSame(mentioned('${env:A:-1} ${env:A}'), [['A', undefined]])
  t.strictSame(mentioned('${env:A} ${env:A:-1}'), [['A', undefined]])
})

t.test('what is cut off or has no name does no harm', async t => {
  t.strictSame(mentioned('${env:A:-b'), [['A', 'b']])
  t.same(readVariables('${env:} ${env:-x}'), [])
})

t.test('a value is the variable, else its fallback with all in it replaced', async t => {
  const [file] = readVariables('${env:FILE:-${env:DIR:-/tmp}/${env:NAME}.json}') as unknown as [{ name: string, fallback: string }]
  t.equal(resolveVariable(file, {}), '/tmp/.json')
  t.equal(resolveVariable(file, { DIR: '/var', NAME: '$&' }), '/var/$&.json')
  t.equal(resolveVariable(file, { FILE: '/x' }), '/x')
  t.equal(resolveVariable({ name: 'A', fallback: '${B}/${env:C:-${B}}/$${B}' }, { B: 'b' }), 'b/b/$${B}')
  t.equal(resolveVariable(file, { FILE: '' }), '', 'set and empty is set, to the collector')
  t.equal(resolveVariable({ name: 'A', fallback: undefined }, {}), '')
})
