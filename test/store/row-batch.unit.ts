import fc from 'fast-check'
import t from 'tap'
import { insertBatch, type RowBatch } from '../../lib/store/row-batch.ts'

const REFUSED = Object.assign(new Error('refused'), { clickhouseCode: 27 })

function batchOf (lines: readonly string[]): RowBatch {
  return { table: 'a', token: 'token', body: Buffer.from(lines.map(line => `${line}\n`).join('')), rows: lines.length }
}

function linesOf ({ body }: RowBatch): string[] {
  return body.toString().split('\n').slice(0, -1)
}

/** An engine that takes all but some lines, and remembers tokens. */
function engine (refuses: (line: string) => boolean) {
  const written: string[] = []
  const tokens = new Set<string>()
  const insert = async (batch: RowBatch): Promise<void> => {
    const lines = linesOf(batch)
    if (lines.length !== batch.rows) throw new Error(`${lines.length} lines are not ${batch.rows} rows`)
    if (lines.some(refuses)) throw REFUSED
    if (tokens.has(batch.token)) return
    tokens.add(batch.token)
    written.push(...lines)
  }
  return { insert, written, tokens }
}

t.test('of few bad rows all others are written, once', async t => {
  await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.nat(299), { maxLength: 3 }), fc.integer({ min: 1, max: 300 }), async (bad, rows) => {
    const lines = Array.from({ length: rows }, (_, index) => `{"row":${index}}`)
    const atFault = new Set(bad.map(index => `{"row":${index}}`))
    const { insert, written } = engine(line => atFault.has(line))
    const good = lines.filter(line => !atFault.has(line))
    for (let time = 0; time < 2; time++) {
      const outcome = await insertBatch(insert, batchOf(lines))
      t.match(outcome, { written: good.length, rejected: rows - good.length })
    }
    t.same(written.sort(), good.sort(), 'also when all is done again')
  }), { numRuns: 50 })
})

t.test('of many bad rows in ten thousand only these are lost', async t => {
  await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.nat(9_999), { minLength: 20, maxLength: 200 }), async bad => {
    const atFault = new Set(bad.map(index => `{"row":${index}}`))
    const lines = Array.from({ length: 10_000 }, (_, index) => `{"row":${index}}`)
    let tries = 0
    const outcome = await insertBatch(async batch => {
      tries += 1
      if (linesOf(batch).some(line => atFault.has(line))) throw REFUSED
    }, batchOf(lines))
    t.match(outcome, { written: 10_000 - bad.length, rejected: bad.length })
    t.ok(tries <= 1 + bad.length * 2 * 14, `${tries} inserts for ${bad.length} rows`)
  }), { numRuns: 10 })
})

t.test('good rows before and behind a crowd of bad ones are written', async t => {
  for (const isBad of [(index: number) => index < 5_000, (index: number) => index >= 5_000]) {
    const lines = Array.from({ length: 10_000 }, (_, index) => isBad(index) ? 'bad' : '{}')
    t.match(await insertBatch(engine(line => line === 'bad').insert, batchOf(lines)), { written: 5_000, rejected: 5_000 })
  }
})

t.test('rows of too many partitions are written in smaller parts', async t => {
  const { insert, written } = engine(() => false)
  const outcome = await insertBatch(async batch => {
    if (batch.rows > 3) throw Object.assign(new Error('refused'), { clickhouseCode: 252, tooManyPartitions: true })
    await insert(batch)
  }, batchOf(Array.from({ length: 5_000 }, (_, index) => String(index))))
  t.same(outcome, { written: 5_000, rejected: 0 })
  t.equal(written.length, 5_000)
})

t.test('a batch of bad rows makes no storm', async t => {
  let tries = 0
  const outcome = await insertBatch(async () => {
    tries += 1
    throw REFUSED
  }, batchOf(Array.from({ length: 10_000 }, () => '{}')))
  t.same(outcome, { written: 0, rejected: 10_000, problem: 'refused' })
  t.ok(tries < 600, String(tries))
})

t.test('what may work later is the caller\'s', async t => {
  await t.rejects(insertBatch(async () => { throw new Error('away') }, batchOf(['{}', '{}'])), { message: 'away' })
  const { insert, written } = engine(() => false)
  t.same(await insertBatch(insert, batchOf(['{}'])), { written: 1, rejected: 0 })
  t.same(written, ['{}'])
})
