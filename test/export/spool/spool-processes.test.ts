/** Real processes, some of which are killed. What they say comes over IPC; what they stored is read from the disk. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { Spool } from '../../../lib/export/spool/spool.ts'
import { libUrl, PROJECT } from '../../fixtures/node-process.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

const OPTIONS = { maxBytes: 100_000_000, segmentBytes: 300_000 }
/** Large enough for a kill to hit a write. */
const BODY_BYTES = 60_000

/** What every child begins with: `spool`, and records that are known by their numbers. */
const PROLOGUE = `
  import { once } from 'node:events'
  import { Spool } from ${JSON.stringify(libUrl('export/spool/spool.ts'))}
  const spool = await Spool.open({ ...${JSON.stringify(OPTIONS)}, directory: process.argv[1], onProblem: problem => { throw new Error(problem) } })
  const add = async number => {
    const body = Buffer.alloc(${BODY_BYTES}, number)
    body.writeUInt32LE(number)
    if (!await spool.append({ signal: 'traces', count: number, body })) throw new Error('not taken')
  }
  const take = async () => {
    const found = await spool.next()
    await found?.acknowledge()
    return found?.count
  }
  const say = what => new Promise(resolve => process.send(what, resolve))
  const told = () => once(process, 'message')
  const end = async () => { await spool.close(); process.disconnect() }
`

interface Said { readonly added?: number, readonly taken?: number, readonly ready?: true }

/** Runs a script that has `spool`; it is killed when the test ends before it. */
function start (t: Test, directory: string, script: string): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROLOGUE + script, directory], {
    cwd: PROJECT, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'json'
  })
  t.teardown(() => { child.kill('SIGKILL') })
  return child
}

async function said (child: ChildProcess, wanted: (what: Said) => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const ended = (): void => { reject(new Error('the child ended before')) }
  child.on('message', what => { if (wanted(what as Said)) resolve() }).once('exit', ended)
  await promise
  child.off('exit', ended)
}

async function kill (child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** The numbers of all that waits, each checked to be whole. */
async function drain (t: Test, directory: string) {
  const problems: string[] = []
  const spool = await Spool.open({ ...OPTIONS, directory, onProblem: problem => { problems.push(problem) } })
  const numbers: number[] = []
  for (let found = await spool.next(); found !== undefined; found = await spool.next()) {
    const body = Buffer.alloc(BODY_BYTES, found.count)
    body.writeUInt32LE(found.count)
    if (!body.equals(found.body)) t.fail(`record ${found.count} is not what was written`)
    numbers.push(found.count)
    await found.acknowledge()
  }
  const { stats } = spool
  await spool.close()
  return { numbers, problems, stats }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n)

t.test('killed while it appends: everything it was told is kept comes, in order', async t => {
  const directory = temporaryDirectory(t)
  for (const after of [1, 7, 23, 40]) {
    let added = 0
    const child = start(t, directory, 'for (let n = 0; ; n++) { await add(n); say({ added: n + 1 }) }')
    child.on('message', what => { added = (what as Said).added ?? 0 })
    await said(child, what => (what.added ?? 0) >= after)
    await kill(child)
    const { numbers, stats } = await drain(t, directory)
    t.ok(numbers.length >= added, `${numbers.length} of ${added}`)
    t.strictSame(numbers, range(0, numbers.length))
    t.ok(stats.tornSegments <= 1, 'only the last can be torn')
    t.strictSame(readdirSync(directory), [])
  }
})

t.test('killed while it delivers: what it acknowledged does not come again, the rest does', async t => {
  const directory = temporaryDirectory(t)
  for (const after of [1, 6, 20]) {
    let taken = 0
    const child = start(t, directory, 'for (const n of Array(30).keys()) await add(n); for (;;) say({ taken: await take() + 1 })')
    child.on('message', what => { taken = Math.max(taken, (what as Said).taken ?? 0) })
    await said(child, what => (what.taken ?? 0) >= after)
    await kill(child)
    const { numbers, problems } = await drain(t, directory)
    const [first = 30] = numbers
    t.ok(first >= taken, `${first} comes first, ${taken} were acknowledged`)
    t.strictSame(numbers, range(first, 30))
    t.strictSame(problems, [])
  }
})

t.test('two processes in one directory deliver each its own', async t => {
  const directory = temporaryDirectory(t)
  const children = [1_000, 2_000].map(from => {
    const taken: number[] = []
    const child = start(t, directory, `
      for (let n = 0; n < 40; n++) {
        await add(${from} + n)
        if (n % 3 === 2) await say({ taken: await take() })
      }
      for (let number; (number = await take()) !== undefined;) await say({ taken: number })
      await say({ ready: true })
      await told()
      await end()`)
    child.on('message', what => { const number = (what as Said).taken; if (number !== undefined) taken.push(number) })
    return { from, child, taken }
  })
  // Both live until both are done: what one left behind would be the other's.
  await Promise.all(children.map(async ({ child }) => { await said(child, what => what.ready === true) }))
  for (const { from, child, taken } of children) {
    const exited = once(child, 'exit')
    child.send('end')
    t.strictSame(await exited, [0, null])
    t.strictSame(taken, range(from, from + 40))
  }
  t.strictSame(readdirSync(directory), [])
})

t.test('what a dead process left is adopted by exactly one of the living, while those run', async t => {
  const directory = temporaryDirectory(t)
  const dead = start(t, directory, 'for (const n of Array(60).keys()) await add(n); say({ ready: true }); setInterval(() => {}, 1_000)')
  await said(dead, what => what.ready === true)

  const heirs = range(0, 3).map(() => {
    const taken: number[] = []
    const child = start(t, directory, `
      await say({ ready: true })
      await told()
      if (await take() !== undefined) throw new Error('it took from the living')
      await say({ ready: true })
      await told()
      for (let number; (number = await take()) !== undefined;) await say({ taken: number })
      await end()`)
    child.on('message', what => { const number = (what as Said).taken; if (number !== undefined) taken.push(number) })
    return { child, taken }
  })
  const ready = async (): Promise<void> => { await Promise.all(heirs.map(async ({ child }) => { await said(child, what => what.ready === true) })) }
  await ready()
  for (const { child } of heirs) child.send('look')
  await ready()
  await kill(dead)
  const exits = heirs.map(async ({ child }) => await once(child, 'exit'))
  for (const { child } of heirs) child.send('deliver')
  t.strictSame(await Promise.all(exits), heirs.map(() => [0, null]))
  for (const { taken } of heirs) t.strictSame(taken, [...taken].sort((a, b) => a - b), `${taken.length} in order`)
  t.strictSame(heirs.flatMap(({ taken }) => taken).sort((a, b) => a - b), range(0, 60))
  t.match(await drain(t, directory), { numbers: [], problems: [] })
  t.strictSame(readdirSync(directory), [], 'the next process clears what the dead one left')
})

t.test('an heir that is killed has an heir', async t => {
  const directory = temporaryDirectory(t)
  const first = start(t, directory, 'for (const n of Array(20).keys()) await add(n); say({ ready: true }); setInterval(() => {}, 1_000)')
  await said(first, what => what.ready === true)
  await kill(first)
  const second = start(t, directory, 'for (let n = 0; n < 7; n++) await take(); await add(20); await spool.next(); say({ ready: true }); setInterval(() => {}, 1_000)')
  await said(second, what => what.ready === true)
  await kill(second)
  const { numbers, problems } = await drain(t, directory)
  t.strictSame(numbers, range(7, 21))
  t.strictSame(problems, [])
})
