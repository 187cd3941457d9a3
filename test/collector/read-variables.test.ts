/* eslint no-template-curly-in-string: off -- such strings are what is read */
import t from 'tap'
import { readVariables, resolveVariable } from '../../lib/collector/read-variables.ts'

t.test('variables are found with what holds without them', async t => {
  t.same(readVariables('a: ${env:ONE}\nb: ${env:TWO:-2}:${env:THREE:-}\n# ${env:NOT}\nc: ${file:x} $${env}\n'), [
    { name: 'ONE', fallback: undefined }, { name: 'TWO', fallback: '2' }, { name: 'THREE', fallback: '' }
  ])
})

t.test('a fallback may hold variables, and they are found too', async t => {
  t.same(readVariables('${env:FILE:-${env:DIR:-/tmp}/logs/a.json}'), [
    { name: 'FILE', fallback: '${env:DIR:-/tmp}/logs/a.json' }, { name: 'DIR', fallback: '/tmp' }
  ])
})

t.test('who needs a variable in one place needs it', async t => {
  t.same(readVariables('${env:A:-1} ${env:A}'), [{ name: 'A', fallback: undefined }])
  t.same(readVariables('${env:A} ${env:A:-1}'), [{ name: 'A', fallback: undefined }])
})

t.test('what is cut off or has no name does no harm', async t => {
  t.same(readVariables('${env:A:-b'), [{ name: 'A', fallback: 'b' }])
  t.same(readVariables('${env:} ${env:-x}'), [])
})

t.test('a value is the variable, else its fallback with all in it replaced', async t => {
  const [file] = readVariables('${env:FILE:-${env:DIR:-/tmp}/${env:NAME}.json}') as [{ name: string, fallback: string }]
  t.equal(resolveVariable(file, {}), '/tmp/.json')
  t.equal(resolveVariable(file, { DIR: '/var', NAME: '$&' }), '/var/$&.json')
  t.equal(resolveVariable(file, { FILE: '/x' }), '/x')
  t.equal(resolveVariable(file, { FILE: '' }), '', 'set and empty is set, to the collector')
  t.equal(resolveVariable({ name: 'A', fallback: undefined }, {}), '')
})
