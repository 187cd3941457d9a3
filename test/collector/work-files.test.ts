import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { WorkFiles } from '../../lib/collector/work-files.ts'
import { newOwner } from '../../lib/export/spool/owner.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const SUBJECT = 'otelcol_1.2.3_linux_amd64.tar.gz'
const [, start = '', space = ''] = (await newOwner()).split('_')
const deadPid = spawnSync(process.execPath, ['--version']).pid
const elsewhere = (Number.parseInt(space, 16) ^ 1).toString(16)
const dead = `${SUBJECT}~${deadPid}_0_${space}_01.partial`

t.test('what is made by one is seen by another, until it is left', async t => {
  const directory = temporaryDirectory(t, { 'other file': '' })
  const [one, two] = [await WorkFiles.of(directory), await WorkFiles.of(directory)]
  t.equal(await one.isMadeElsewhere(SUBJECT), false)
  const path = await one.claim(SUBJECT)
  t.equal(path, one.path(SUBJECT))
  t.equal(await two.isMadeElsewhere(SUBJECT), true)
  t.equal(await two.isMadeElsewhere('other'), false)
  t.equal(await one.isMadeElsewhere(SUBJECT), false, 'its own is not elsewhere')
  writeFileSync(path, 'begun')
  const own = await two.claim(SUBJECT)
  t.equal(readFileSync(own, 'utf8'), '', 'nothing is taken from the living')
  await two.remove(SUBJECT)
  await one.release(SUBJECT)
  t.equal(await two.isMadeElsewhere(SUBJECT), false)
  t.equal(readFileSync(await two.claim(SUBJECT), 'utf8'), 'begun', 'what was left goes on')
  await two.remove(SUBJECT)
  await two.remove(SUBJECT)
  await two.release(SUBJECT)
  t.strictSame(readdirSync(directory), ['other file'])
})

t.test('of what the dead have left one is gone on with, and the rest deleted', async t => {
  const other = `otelcol_1.0.0_linux_amd64.tar.gz~${deadPid}_0_${space}_02.partial`
  const second = `${SUBJECT}~nobody.partial`
  const directory = temporaryDirectory(t, { [dead]: 'begun', [other]: 'old', [second]: 'begun', 'odd.partial': '', unrelated: '' })
  const files = await WorkFiles.of(directory)
  t.equal(await files.isMadeElsewhere(SUBJECT), false)
  const path = await files.claim(SUBJECT)
  t.equal(readFileSync(path, 'utf8'), 'begun')
  t.strictSame(readdirSync(directory).sort(), [basename(path), 'odd.partial', 'unrelated'].sort(), 'what is not its own stays')
})

t.test('one alone gets what was left', async t => {
  const directory = temporaryDirectory(t, { [dead]: 'begun' })
  const all = await Promise.all([1, 2, 3].map(async () => (await WorkFiles.of(directory)).claim(SUBJECT)))
  t.strictSame(all.map(path => readFileSync(path, 'utf8')).sort(), ['', '', 'begun'])
})

t.test('of another machine, a file that grows is being made, and one that does not is left', async t => {
  const name = `${SUBJECT}~1_${start}_${elsewhere}_01.partial`
  const directory = temporaryDirectory(t, { [name]: 'begun' })
  const files = await WorkFiles.of(directory)
  t.equal(await files.isMadeElsewhere(SUBJECT), true)
  const before = new Date(Date.now() - 121_000)
  utimesSync(join(directory, name), before, before)
  t.equal(await files.isMadeElsewhere(SUBJECT), false)
  await files.claim(SUBJECT)
  t.notOk(existsSync(join(directory, name)))
})

t.test('what the disk says is not swallowed', async t => {
  const directory = temporaryDirectory(t, { file: '' })
  await t.rejects((await WorkFiles.of(join(directory, 'file'))).claim(SUBJECT), { code: 'ENOTDIR' })
})
