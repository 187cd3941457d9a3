import t from 'tap'
import { ShortQueue } from '../../../lib/backend/otlp/short-queue.ts'
import { TooMuchWaits } from '../../../lib/backend/ingest/too-much-waits.ts'

/** Work that takes as long as the test says. */
function workshop (many: number) {
  let now = 0
  const running: Array<() => void> = []
  const queue = new ShortQueue(many, { waitMaxMs: 5_000, now: () => now })
  const outcomes: string[] = []
  const begin = (name: string): void => {
    outcomes.push(`${name} waits`)
    const at = outcomes.length - 1
    queue.take(async () => {
      outcomes[at] = `${name} began at ${now}`
      await new Promise<void>(resolve => { running.push(resolve) })
    }).catch(problem => { outcomes[at] = problem instanceof TooMuchWaits ? `${name} sent back at ${now}` : String(problem) })
  }
  const settled = async (): Promise<void> => { await new Promise(resolve => { setImmediate(resolve) }) }
  return {
    queue,
    outcomes,
    begin,
    /** Ends the first of those that run. */
    end: async (ms: number): Promise<void> => {
      now += ms
      running.shift()!()
      await settled()
    },
    pass: (ms: number) => { now += ms },
    settled
  }
}

t.test('whoever would wait too long is sent back as soon as that is known, the others in their order', async t => {
  const { outcomes, begin, end, settled, queue } = workshop(2)
  for (let at = 0; at < 14; at++) begin(`${at}`)
  await settled()
  t.notOk(queue.isFull, 'nothing is known of how long one takes')
  // Two seconds for two at a time: one a second, and one of those seconds is over for those that wait.
  await end(2_000)
  t.strictSame(outcomes, [
    '0 began at 0', '1 began at 0', '2 began at 2000', '3 waits', '4 waits', '5 waits',
    ...Array.from({ length: 8 }, (_, at) => `${at + 6} sent back at 2000`)
  ])
  begin('fourth')
  begin('fifth')
  await settled()
  t.strictSame(outcomes.slice(-2), ['fourth waits', 'fifth waits'])
  t.ok(queue.isFull)
  begin('sixth')
  await settled()
  t.equal(outcomes.at(-1), 'sixth sent back at 2000', 'at once')
  await end(0)
  await end(1_000)
  t.strictSame(outcomes.slice(3, 6), ['3 began at 2000', '4 began at 3000', '5 waits'])
})

t.test('what takes longer than those before it sends those back that wait for it', async t => {
  const { outcomes, begin, end, pass, settled } = workshop(1)
  begin('first')
  await settled()
  await end(10)
  begin('slow')
  for (let at = 0; at < 3; at++) begin(`${at}`)
  await settled()
  pass(5_001)
  await end(0)
  t.strictSame(outcomes, ['first began at 0', 'slow began at 10', '0 sent back at 5011', '1 sent back at 5011', '2 sent back at 5011'])
  begin('next')
  await settled()
  t.equal(outcomes.at(-1), 'next began at 5011', 'where nobody is before it, nobody waits, however long it took')
})

t.test('work that fails gives its place to the next', async t => {
  const queue = new ShortQueue(1)
  const failed = queue.take(async () => { throw new Error('broken') })
  const next = queue.take(async () => 'done')
  await t.rejects(failed, /broken/)
  t.equal(await next, 'done')
})
