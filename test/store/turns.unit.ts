import t from 'tap'
import { Turns } from '../../lib/store/turns.ts'

t.test('so many at a time, in their order, and the next also after one that fails', async t => {
  const turns = new Turns(2)
  const log: string[] = []
  const gates = ['a', 'b', 'c', 'd'].map(name => ({ name, ...Promise.withResolvers<void>() }))
  const works = gates.map(async ({ name, promise }) => await turns.take(async () => {
    log.push(`+${name}`)
    await promise
    log.push(`-${name}`)
    return name
  }))
  let idle = false
  const whenIdle = turns.idle().then(() => { idle = true })
  t.same(log, ['+a', '+b'])
  gates[1]!.reject(new Error('failed'))
  await t.rejects(works[1]!, { message: 'failed' })
  gates[0]!.resolve()
  t.equal(await works[0], 'a')
  t.same(log, ['+a', '+b', '+c', '-a', '+d'])
  t.notOk(idle)
  gates[2]!.resolve()
  gates[3]!.resolve()
  t.same(await Promise.all(works.slice(2)), ['c', 'd'])
  await whenIdle
  await turns.idle()
})
