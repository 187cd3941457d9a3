import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { ownStart, pidSpace, processState, startFromProc, startFromPs } from '../../../lib/export/spool/process-identity.ts'

const LINUX = process.platform === 'linux'
const NO_PS = process.platform === 'win32' && 'Windows has no ps'
const NO_PROC = !LINUX && 'only Linux has /proc'

t.test('a process that runs has a start that stays the same; one that ended is gone', async t => {
  const child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
  const pid = child.pid ?? 0
  const state = await processState(pid)
  t.match(state, { running: true })
  t.strictSame(await processState(pid), state)
  child.stdin.end()
  await once(child, 'exit')
  t.strictSame(await processState(pid), { running: false })
})

for (const [name, startOf, skip] of [['/proc', startFromProc, NO_PROC], ['ps', startFromPs, NO_PS]] as const) {
  t.test(`${name}: the start of a process`, { skip }, async t => {
    const own = await startOf(process.pid)
    t.match(own, /^[0-9a-f]{1,8}$/)
    t.equal(await startOf(process.pid), own)
    t.equal(await ownStart(startOf), own)
    t.equal(await startOf(2 ** 30), undefined, 'of a process that is not there')
  })

  t.test(`${name}: a zombie does not run`, { skip }, async t => {
    // The shell becomes a program that waits for no child; only then may the child end.
    const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec cat'], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] })
    const [stdin, stdout, , pipe] = parent.stdio as [Writable, Readable, null, Writable, undefined]
    const lines = createInterface(stdout)[Symbol.asyncIterator]()
    const pid = Number((await lines.next()).value)
    stdin.write('echo\n')
    t.equal((await lines.next()).value, 'echo')
    t.match(await processState(pid, startOf), { running: true })
    pipe.end()
    while (await startOf(pid) !== 'zombie') await setImmediate()
    t.strictSame(await processState(pid, startOf), { running: false })
    stdin.end()
    await once(parent, 'exit')
  })
}

t.test('where a start cannot be told it is unknown, not wrong', async t => {
  t.strictSame(await processState(process.pid, async () => undefined), { running: true, start: undefined })
  t.equal(await ownStart(async () => undefined), '0')
})

t.test('the pid space is that of this boot, else of this host', async t => {
  const here = await pidSpace()
  t.match(here, /^[0-9a-f]{1,8}$/)
  t.equal(await pidSpace(), here)
  const host = await pidSpace(t.testdirName)
  t.match(host, /^[0-9a-f]{1,8}$/)
  if (LINUX) t.not(host, here)
})
