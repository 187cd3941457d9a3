import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { CONDITIONS } from '../../../lib/export/spool/conditions.ts'
import { newOwner, Owners } from '../../../lib/export/spool/owner.ts'
import { processState } from '../../../lib/export/spool/process-identity.ts'
import { ownerFile } from '../../../lib/export/spool/segment-name.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

/** A directory with owner files, seen by an owner with a clock of its own. */
async function watch (t: Test, ...owners: string[]) {
  const directory = temporaryDirectory(t, Object.fromEntries(owners.map(owner => [ownerFile(owner), ''])))
  const self = await newOwner()
  const clock = { ms: 0 }
  const seen = new Owners(directory, self, { ...CONDITIONS, elapsed: () => clock.ms, silenceMs: 30_000 })
  const lives = async (owner: string): Promise<boolean> => {
    seen.forget()
    return await seen.lives(owner)
  }
  return { directory, self, clock, seen, lives }
}

const [pid = '', start = '', space = ''] = (await newOwner()).split('_')
const notHere = (Number.parseInt(space, 16) ^ 1).toString(16)

t.test('two owners of one process differ in the random part alone', async t => {
  const [one, two] = [await newOwner(), await newOwner()]
  t.match(one, /^\d+_[0-9a-f]+_[0-9a-f]+_[0-9a-f]{8}$/)
  t.not(one, two)
  t.strictSame(one.split('_').slice(0, 3), two.split('_').slice(0, 3))
})

t.test('an owner without a file has gone, whatever its process does; oneself lives', async t => {
  const { self, lives } = await watch(t)
  t.equal(await lives(`${process.ppid}_0_${space}_01`), false)
  t.equal(await lives(self), true)
})

t.test('a process that runs lives, unless its pid was given to another since', async t => {
  const parent = await processState(process.ppid)
  const began = parent.running ? parent.start ?? '0' : '0'
  const same = `${process.ppid}_${began}_${space}_01`
  const unknown = `${process.ppid}_0_${space}_02`
  const earlier = `${process.ppid}_1_${space}_03`
  const { lives } = await watch(t, same, unknown, earlier)
  t.equal(await lives(same), true)
  t.equal(await lives(unknown), true, 'a start that nobody knows proves nothing')
  t.equal(await lives(earlier), began === '0')
})

t.test('a process that ended is dead at once', async t => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  const dead = `${child.pid}_0_${space}_01`
  const { lives } = await watch(t, dead)
  t.equal(await lives(dead), false)
})

for (const [of, owner] of [['another machine', `${process.ppid}_${start}_${notHere}_01`], ['another thread of this process', `${pid}_${start}_${space}_01`]] as const) {
  t.test(`an owner of ${of} lives as long as it gives signs of life`, async t => {
    const { directory, clock, lives } = await watch(t, owner)
    t.equal(await lives(owner), true, 'seen for the first time')
    clock.ms += 29_999
    t.equal(await lives(owner), true)
    // Its clock may say what it likes.
    utimesSync(join(directory, ownerFile(owner)), 1_000, 1_000)
    clock.ms += 1
    t.equal(await lives(owner), true, 'a sign of life')
    clock.ms += 29_999
    t.equal(await lives(owner), true)
    clock.ms += 1
    t.equal(await lives(owner), false, 'silent for too long')
  })
}

t.test('a verdict stands until it is forgotten', async t => {
  const owner = `${pid}_${start}_${space}_01`
  const { directory, seen } = await watch(t, owner)
  t.equal(await seen.lives(owner), true)
  rmSync(join(directory, ownerFile(owner)))
  t.equal(await seen.lives(owner), true)
  seen.forget()
  t.equal(await seen.lives(owner), false)
})

t.test('an owner that cannot be looked at lives', async t => {
  const { directory, lives } = await watch(t)
  rmSync(directory, { recursive: true })
  writeFileSync(directory, '')
  t.equal(await lives(`${pid}_${start}_${space}_01`), true)
})
