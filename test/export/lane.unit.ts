import fc from 'fast-check'
import t, { type Test } from 'tap'
import { Attempts } from '../../lib/export/attempts.ts'
import { noCounts, type SignalStats } from '../../lib/export/carrier-stats.ts'
import type { DeliverySpool } from '../../lib/export/delivery-spool.ts'
import { composeRequest } from '../../lib/export/compose-request.ts'
import { Lane } from '../../lib/export/lane.ts'
import type { LaneSettings } from '../../lib/export/lane-settings.ts'
import type { OutgoingRequest } from '../../lib/export/parcel.ts'
import type { SendOutcome } from '../../lib/export/retry-policy.ts'
import { names, RESOURCE, spans } from './parcels.ts'

// A lane keeps no process alive by itself.
const alive = setInterval(() => {}, 60_000)
t.teardown(() => { clearInterval(alive) })

const ACCEPTED: SendOutcome = { result: 'accepted', rejected: 0 }
const LATER: SendOutcome = { result: 'retryable', problem: 'later' }

const request = (name: string): OutgoingRequest => ({ signal: 'traces', count: 1, body: Buffer.from(name), parcelBytes: 1 })

interface Spooled { signal: 'traces' | 'metrics' | 'logs', count: number, body: Uint8Array, done?: number }

/** A disk in memory, on which `appendable` says what is kept. */
class FakeSpool implements DeliverySpool {
  readonly records: Spooled[] = []
  appendable: () => boolean = () => true
  readonly stats = { bytes: 0, droppedItems: 0 }

  async append (record: Spooled): Promise<boolean> {
    await new Promise(setImmediate)
    if (!this.appendable()) return false
    this.records.push(record)
    return true
  }

  async next (): ReturnType<DeliverySpool['next']> {
    await new Promise(setImmediate)
    const [oldest] = this.records
    return oldest && {
      ...oldest,
      done: oldest.done ?? 0,
      acknowledge: async () => { this.records.splice(this.records.indexOf(oldest), 1) },
      acknowledgeFirst: async count => { oldest.done = count }
    }
  }

  async close (): Promise<void> {}
}

interface Laned {
  readonly lane: Lane
  readonly counts: SignalStats
  readonly problems: string[]
  /** What was accepted. */
  readonly sent: string[]
  readonly released: () => number
}

function laned (t: Test | undefined, outcome: (name: string, abort: AbortSignal) => SendOutcome | Promise<SendOutcome>, settings: Partial<LaneSettings> = {}): Laned {
  const counts = noCounts().traces
  const problems: string[] = []
  const sent: string[] = []
  let released = 0
  const lane = new Lane({
    counts,
    onRelease: ({ count }) => { released += count },
    onProblem: problem => { problems.push(problem) },
    retry: { firstMs: 0, maxMs: 0 },
    slowAfterMs: 60_000,
    spillBytes: Infinity,
    async send ({ body }, abort) {
      await new Promise(setImmediate)
      const name = Buffer.from(body).toString()
      const result = await outcome(name, abort)
      if (result.result === 'accepted') sent.push(name)
      return result
    },
    ...settings
  })
  t?.teardown(async () => { await lane.close(0) })
  return { lane, counts, problems, sent, released: () => released }
}

t.test('what is on the disk already when it was accepted late is met behind what another process left', async t => {
  const spool = new FakeSpool()
  const late = Promise.withResolvers<SendOutcome>()
  const { lane, sent } = laned(t, name => name === '1' ? late.promise : ACCEPTED, { slowAfterMs: 1, openSpool: async () => spool })
  lane.offer(request('1'))
  lane.offer(request('2'))
  while (spool.records.length < 2) await new Promise(setImmediate)
  spool.records.unshift({ signal: 'traces', count: 1, body: Buffer.from('of another') })
  late.resolve(ACCEPTED)
  await lane.flush()
  t.strictSame(sent, ['1', 'of another', '2'])
  t.strictSame(spool.records, [])
})

t.test('a disk with a fault is left alone, and memory has everything that it did not take', async t => {
  const fault = async (): Promise<never> => { throw new Error('a fault') }
  const good = new FakeSpool()
  const spools: Array<() => Promise<DeliverySpool>> = [
    fault,
    async () => ({ append: fault, next: fault, close: fault, stats: good.stats }),
    async () => ({ append: async () => false, next: fault, close: fault, stats: good.stats })
  ]
  for (const openSpool of spools) {
    let failures = 3
    const { lane, sent, problems } = laned(t, () => failures-- > 0 ? LATER : ACCEPTED, { openSpool })
    for (const name of ['1', '2', '3']) lane.offer(request(name))
    await lane.flush()
    t.strictSame(sent, ['1', '2', '3'])
    t.equal(problems.filter(problem => problem === 'telemetry waits in memory only: Error: a fault').length, 1)
  }
})

t.test('whatever the endpoint and the disk do, each request is accepted once, in order, and counted', async () => {
  const answers = fc.array(fc.constantFrom('accept', 'accept', 'later', 'refuse'), { minLength: 1, maxLength: 60 })
  const program = fc.record({
    answers,
    full: fc.array(fc.boolean(), { maxLength: 20 }),
    pauses: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
    spillBytes: fc.integer({ min: 1, max: 20 }),
    disk: fc.boolean()
  })
  await fc.assert(fc.asyncProperty(program, async ({ answers, full, pauses, spillBytes, disk }) => {
    const spool = new FakeSpool()
    spool.appendable = () => full.shift() !== true
    const refused: string[] = []
    const { lane, sent, counts, released } = laned(undefined, name => {
      const answer = answers.shift() ?? 'accept'
      if (answer === 'later') return LATER
      if (answer === 'accept') return ACCEPTED
      refused.push(name)
      return { result: 'rejected', problem: 'no' }
    }, { spillBytes, openSpool: disk ? async () => spool : undefined })
    const names = pauses.map((_, index) => String(index))
    for (const [index, name] of names.entries()) {
      lane.offer(request(name))
      if (pauses[index] === true) await new Promise(setImmediate)
    }
    await lane.flush()
    await lane.close(1_000)
    const all = [...sent, ...refused].sort((one, other) => Number(one) - Number(other))
    const isOrdered = full.length > 0 || sent.every((name, index) => index === 0 || Number(name) > Number(sent[index - 1]))
    return JSON.stringify(all) === JSON.stringify(names) && isOrdered && released() === names.length && lane.waitingBytes === 0 &&
      counts.sent === sent.length && counts.dropped.rejected === refused.length && spool.records.length === 0
  }), { numRuns: 300 })
})

t.test('the body of a request is given back when it was accepted and nobody has it', async t => {
  const spent: string[] = []
  const onSpent = (body: Uint8Array): void => { spent.push(Buffer.from(body).toString()) }
  const outcomes: Record<string, SendOutcome> = { refused: { result: 'rejected' }, unread: { result: 'accepted', rejected: 0, isRead: false } }
  const { lane } = laned(t, name => outcomes[name] ?? ACCEPTED, { onSpent })
  for (const name of ['one', 'refused', 'unread', 'two']) lane.offer(request(name))
  await lane.flush()
  t.strictSame(spent, ['one', 'two'])
  await lane.close(1_000)
})

t.test('what an endpoint takes is asked again after ten minutes', async t => {
  let now = 0
  let isRaised = false
  const attempts = new Attempts({
    counts: noCounts().traces,
    onProblem () {},
    send: async ({ body }) => body.length <= 6_000 || isRaised ? ACCEPTED : { result: 'rejected', isTooLarge: true }
  }, () => now)
  const large = { signal: 'traces', count: 20, body: composeRequest(RESOURCE, [spans(names('x'.repeat(400), 20))]) } as const
  const { signal } = new AbortController()
  t.equal((await attempts.attempt(large, signal)).result, 'split')
  isRaised = true
  t.equal((await attempts.attempt(large, signal)).result, 'split', 'nobody asked')
  now += 10 * 60_000 + 1
  t.equal((await attempts.attempt(large, signal)).result, 'accepted')
})

t.test('of a request on the disk it is noted how much was acknowledged in parts, also where the disk is full', async t => {
  for (const isFull of [false, true]) {
    const spool = new FakeSpool()
    const body = composeRequest(RESOURCE, [spans(names('x'.repeat(400), 40))])
    spool.records.push({ signal: 'traces', count: 40, body })
    const failed = Promise.withResolvers<void>()
    spool.appendable = () => !isFull
    let parts = 0
    let hasFailed = false
    let isBack = false
    let sent = 0
    const { lane, counts } = laned(t, () => ACCEPTED, {
      openSpool: async () => spool,
      retry: { firstMs: 60_000, maxMs: 60_000 },
      onAttempt () { if (hasFailed) failed.resolve() },
      async send ({ body }) {
        if (body.length > 6_000) return { result: 'rejected', isTooLarge: true }
        if (++parts > 2 && !isBack) {
          hasFailed = true
          return LATER
        }
        sent += Buffer.from(body).toString('latin1').split('x'.repeat(400)).length - 1
        return ACCEPTED
      }
    })
    lane.recover()
    await failed.promise
    t.ok(sent > 0)
    t.strictSame(spool.records.map(({ count, done }) => [count, done]), [[40, sent]])
    isBack = true
    await lane.flush()
    t.equal(sent, 40, 'each is sent once')
    t.match(counts, { sent: 40, dropped: { rejected: 0 } })
    t.strictSame(spool.records, [])
  }
})
