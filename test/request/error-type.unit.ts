import t from 'tap'
import { errorTypeOf } from '../../lib/request/error-type.ts'
import { recordedException } from '../../lib/request/recorded-exception.ts'
import { saysYes } from '../../lib/request/says-yes.ts'

class ModelFailed extends Error {}
const throwing = (property: string): Error => Object.defineProperty(new Error('x'), property, { get () { throw new Error('no') } })

t.test('errors by their class, Fastify\'s by their code, and never a text that could be anything', async t => {
  t.equal(errorTypeOf(new TypeError('x')), 'TypeError')
  t.equal(errorTypeOf(new ModelFailed('x')), 'ModelFailed')
  t.equal(errorTypeOf(Object.assign(new Error('x'), { name: 'FastifyError', code: 'FST_ERR_X' })), 'FST_ERR_X')
  t.equal(errorTypeOf('text'), 'string')
  t.equal(errorTypeOf(null), 'object')
  for (const odd of [
    Object.assign(new Error('x'), { name: 'agent 7 failed at 12:03' }), Object.assign(new Error('x'), { name: 'x'.repeat(101) }),
    Object.assign(new Error('x'), { name: 5n }), Object.assign(new Error('x'), { name: Symbol('x') }), Object.assign(new Error('x'), { constructor: undefined }),
    Object.assign(new Error('x'), { name: 'FastifyError', code: {} }), throwing('name')
  ]) t.equal(errorTypeOf(odd), 'Error')
})

t.test('a recorded exception is plain text of bounded length', async t => {
  const error = Object.assign(new ModelFailed('m'.repeat(1_000_000)), { stack: 's'.repeat(1_000_000) })
  t.strictSame(recordedException(error), { name: 'ModelFailed', message: 'm'.repeat(4_096), stack: 's'.repeat(16_384) })
  t.match(recordedException(throwing('message')), { message: '' })
  t.match(recordedException(Object.assign(new Error('x'), { stack: 7 })), { message: 'x', stack: '' })
})

t.test('only true is yes', async t => {
  t.equal(saysYes(() => true), true)
  for (const answer of [false, undefined, 1, 'yes', Promise.resolve(true), Promise.reject(new Error('later'))]) t.equal(saysYes(() => answer), false)
  t.equal(saysYes(() => { throw new Error('now') }), false)
})
