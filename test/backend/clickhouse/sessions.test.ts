import t from 'tap'
import { Sessions } from '../../../lib/backend/clickhouse/sessions.ts'
import type { EmbeddedSession } from '../../../lib/store/embedded-session.ts'

/** Sessions that count themselves. */
function counted () {
  const open = new Set<number>()
  let last = 0
  const sessions = new Sessions(() => {
    const number = ++last
    open.add(number)
    return { number, close: () => { open.delete(number) } } as unknown as EmbeddedSession
  })
  /** Number of the session that work is given. */
  const use = async (id: string | undefined, timeoutSeconds = 3_600, work: () => Promise<void> = async () => {}, mustExist = false): Promise<number> =>
    await sessions.use(id === undefined ? undefined : { id, timeoutSeconds, mustExist }, async session => {
      await work()
      return (session as unknown as { number: number }).number
    })
  return { sessions, open, use }
}

t.test('without a name, a session is of its request alone', async t => {
  const { open, use } = counted()
  t.equal(await use(undefined), 1)
  t.equal(await use(undefined), 2)
  await t.rejects(use(undefined, 1, async () => { throw new Error('no') }))
  t.equal(open.size, 0)
})

t.test('many sessions that nobody ends keep nobody out', async t => {
  const { sessions, open, use } = counted()
  for (let index = 0; index < 64; index++) await use(`s${index}`)
  t.equal(open.size, 64)
  t.equal(await use('s0'), 1, 'it is there still, and the one that was used last')
  t.equal(await use('new'), 65)
  t.equal(open.size, 64)
  t.equal(await use('s0'), 1)
  t.equal(await use('s2'), 3)
  t.equal(await use('s1'), 66, 'the one that had rested longest had gone')
  sessions.close()
  t.equal(open.size, 0)
})

t.test('sessions in use are not taken away', async t => {
  const { sessions, open, use } = counted()
  const ended = Promise.withResolvers<void>()
  const working = Array.from({ length: 64 }, async (_, index) => await use(`s${index}`, 3_600, async () => { await ended.promise }))
  await t.rejects(use('s0'), { code: 373 })
  await t.rejects(use('new'), { code: 202 })
  t.equal(open.size, 64)
  ended.resolve()
  await Promise.all(working)
  t.equal(await use('new'), 65)
  sessions.close()
})

t.test('a session ends when its time is over', async t => {
  const { open, use } = counted()
  await use('short', 0)
  while (open.size > 0) await new Promise(resolve => { setTimeout(resolve, 1) })
  t.equal(await use('short', 0), 2)
})

t.test('who goes on with a session is told that it has ended', async t => {
  const { sessions, open, use } = counted()
  await t.rejects(use('mine', 60, undefined, true), { code: 372 })
  t.equal(open.size, 0)
  t.equal(await use('mine'), 1)
  t.equal(await use('mine', 60, undefined, true), 1)
  sessions.close()
})
