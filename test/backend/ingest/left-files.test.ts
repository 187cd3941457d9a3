import t from 'tap'
import { LeftFiles, type LeftFilesTools } from '../../../lib/backend/ingest/left-files.ts'
import { statementFailure } from '../../../lib/store/engine-error.ts'

const REFUSAL = statementFailure('a statement', new Error('Code: 62. DB::Exception: no (SYNTAX_ERROR)'), true)
const TROUBLE = new Error('the engine is away')
const files = ['a', 'b', 'c'].map(path => ({ table: 'otel_logs', path }))
// Waits between attempts keep no process alive.
const keepAlive = setInterval(() => {}, 1_000)
t.teardown(() => { clearInterval(keepAlive) })

/** Tools that say what was done, and an engine that answers as it is told. */
function tools (insert: (path: string) => Promise<void>) {
  const done: string[] = []
  const given: LeftFilesTools = {
    insert: async ({ path }) => {
      await insert(path)
      done.push(`insert ${path}`)
    },
    remove: async ({ path }) => { done.push(`remove ${path}`) },
    onRefused: async ({ path }) => { done.push(`refused ${path}`) },
    onTrouble: ({ path }) => { done.push(`trouble ${path}`) }
  }
  return { done, given }
}

t.test('each is inserted, refused, or tried again', async t => {
  let isAway = true
  const whole = Promise.withResolvers<void>()
  const { done, given } = tools(async path => {
    if (path === 'a') throw REFUSAL
    if (path === 'b' && isAway) throw TROUBLE
    if (path === 'b') whole.resolve()
  })
  const left = new LeftFiles(given)
  await left.start(files)
  t.strictSame(done, ['refused a', 'remove a', 'trouble b', 'insert c'])
  isAway = false
  await whole.promise
  await left.close()
  t.strictSame(done.slice(4), ['insert b'])
})

t.test('closing waits for the one under way alone', async t => {
  const ended = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  let isAway = true
  const { done, given } = tools(async () => {
    if (isAway) throw TROUBLE
    begun.resolve()
    await ended.promise
  })
  const left = new LeftFiles(given)
  await left.start(files)
  isAway = false
  await begun.promise
  const closed = left.close()
  ended.resolve()
  await closed
  t.strictSame(done, ['trouble a', 'trouble b', 'trouble c', 'insert a'])
})
