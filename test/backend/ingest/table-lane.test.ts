import t from 'tap'
import type { BlockFile } from '../../../lib/backend/ingest/block-files.ts'
import { TableLane, type LaneTools } from '../../../lib/backend/ingest/table-lane.ts'
import { text } from '../../../lib/backend/rows/columns.ts'
import { RowBlock } from '../../../lib/backend/rows/row-block.ts'
import { statementFailure } from '../../../lib/store/engine-error.ts'

const MEBIBYTE = 1024 * 1024
const REFUSAL = statementFailure('a statement', new Error('Code: 62. DB::Exception: no (SYNTAX_ERROR)'), true)
const TROUBLE = new Error('the engine is away')

// The lane's waits alone keep no process alive.
const keepAlive = setInterval(() => {}, 1_000)
t.teardown(() => { clearInterval(keepAlive) })

type Step = 'write' | 'insert' | 'remove'

/** A lane whose disk and engine do what they are told, with all that it says. */
function lane () {
  const done: string[] = []
  /** What the next calls throw or wait for, by what is called. */
  const next: Record<Step, Array<Error | Promise<unknown>>> = { write: [], insert: [], remove: [] }
  const step = async (what: Step, words: string): Promise<void> => {
    const outcome = next[what].shift()
    if (outcome instanceof Error) throw outcome
    await outcome
    done.push(words)
  }
  let told = Promise.withResolvers<void>()
  const tools: LaneTools = {
    write: async block => {
      const { rows } = block
      await step('write', `write ${rows}`)
      return { table: 't', path: String(rows) } satisfies BlockFile
    },
    insert: async ({ path }) => { await step('insert', `insert ${path}`) },
    remove: async ({ path }) => { await step('remove', `remove ${path}`) },
    onWritten: rows => { done.push(`written ${rows}`) },
    onLost: (rows, { message }) => { done.push(`lost ${rows}: ${message}`) },
    onTrouble: ({ message }) => {
      done.push(`trouble: ${message}`)
      told.resolve()
      told = Promise.withResolvers()
    }
  }
  const table = new TableLane(() => new RowBlock('t', { Body: text() }), tools)
  return {
    table,
    done,
    next,
    trouble: async () => { await told.promise },
    add: (rows: number, bytes = 10) => {
      for (let row = 0; row < rows; row++) {
        table.block.mark()
        table.block.columns.Body.text('x'.repeat(bytes))
        table.block.endRow()
        table.added()
      }
    }
  }
}

t.test('rows wait for others, and are one block then', async t => {
  const { table, add, done } = lane()
  add(2)
  add(3)
  t.strictSame([table.waitingBytes, done], [5 * 11, []])
  await table.flush()
  t.strictSame([table.waitingBytes, done], [0, ['write 5', 'insert 5', 'written 5']])
  await table.flush()
  await table.close()
  t.equal(done.length, 3, 'nothing is done for nothing')
})

t.test('without anybody asking, a block goes a moment later, a full one at once', async t => {
  const { table, add, done, next } = lane()
  const inserted = Promise.withResolvers<void>()
  next.insert.push(inserted.promise)
  add(1)
  add(1, 16 * MEBIBYTE)
  t.equal(table.block.rows, 0, 'the other block is filled already')
  t.ok(table.waitingBytes > 16 * MEBIBYTE, 'what is being inserted waits, too')
  add(4)
  inserted.resolve()
  // The timer of the lane, of a tenth of a second, is what is looked at.
  while (!done.includes('written 4')) await new Promise(resolve => { setTimeout(resolve, 5) })
  t.strictSame(done, ['write 2', 'insert 2', 'written 2', 'write 4', 'insert 4', 'written 4'])
  await table.close()
})

t.test('what fails is tried again, without a second copy on the disk', async t => {
  const { table, add, done, next } = lane()
  next.write.push(new Error('no space left'))
  next.insert.push(TROUBLE, TROUBLE)
  add(3)
  await table.flush()
  t.strictSame(done, ['trouble: no space left', 'write 3', `trouble: ${TROUBLE.message}`, `trouble: ${TROUBLE.message}`, 'insert 3', 'written 3'])
  t.equal(table.waitingBytes, 0)
})

t.test('rows that come meanwhile wait their turn', async t => {
  const { table, add, done, next, trouble } = lane()
  next.insert.push(TROUBLE)
  add(1)
  const told = trouble()
  const flushed = table.flush()
  await told
  add(2)
  t.equal(table.waitingBytes, 3 * 11)
  await flushed
  await table.flush()
  t.strictSame(done, ['write 1', `trouble: ${TROUBLE.message}`, 'insert 1', 'written 1', 'write 2', 'insert 2', 'written 2'])
})

t.test('what the engine refuses is removed and counted, also where removing takes two attempts', async t => {
  const { table, add, done, next } = lane()
  next.insert.push(REFUSAL, REFUSAL)
  next.remove.push(new Error('busy'))
  add(2)
  await table.flush()
  t.strictSame(done, ['write 2', 'trouble: busy', 'remove 2', `lost 2: ${REFUSAL.message}`])
  t.equal(table.waitingBytes, 0)
})

t.test('closing ends a wait, tries once, and leaves the file to the next process', async t => {
  const { table, add, done, next, trouble } = lane()
  next.insert.push(TROUBLE, TROUBLE)
  add(2)
  const told = trouble()
  const flushed = table.flush()
  await told
  await table.close()
  await flushed
  t.strictSame(done, ['write 2', `trouble: ${TROUBLE.message}`], 'neither written nor lost')
})

t.test('closing with a disk that takes nothing says what is lost', async t => {
  const { table, add, done, next } = lane()
  next.write.push(new Error('no space left'))
  add(2)
  await table.close()
  t.strictSame(done, ['lost 2: the disk cannot be written'])
})

t.test('a new block is begun where the other one is free', async t => {
  const { table, add, done, next } = lane()
  t.equal(table.begin(), true, 'an empty one is new')
  const inserted = Promise.withResolvers<void>()
  next.insert.push(inserted.promise)
  add(1)
  t.equal(table.begin(), true)
  t.equal(table.block.rows, 0)
  add(2)
  t.equal(table.begin(), false, 'both have rows')
  t.equal(table.block.rows, 2)
  inserted.resolve()
  await table.flush()
  t.strictSame(done, ['write 1', 'insert 1', 'written 1', 'write 2', 'insert 2', 'written 2'])
})
