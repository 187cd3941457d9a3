import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { ArchiveFault, unpackFile } from '../../lib/collector/unpack.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { archiveOf } from './archives.ts'

const MAX = 1_000_000
const LARGE = Buffer.alloc(300_000, 'program ')

function paths (t: Test, archive: Buffer): { archive: string, target: string, directory: string } {
  const directory = join(temporaryDirectory(t, { inner: {} }), 'inner')
  writeFileSync(join(directory, 'a.tar.gz'), archive)
  return { archive: join(directory, 'a.tar.gz'), target: join(directory, 'target'), directory }
}

t.test('one file of many, executable', async t => {
  const { archive, target, directory } = paths(t, archiveOf(
    { path: 'README.md', content: 'read me' }, { path: 'program', content: LARGE }, { path: 'directory/', type: 'Directory' }, { path: 'LICENSE', content: 'x' }))
  await unpackFile(archive, 'program', target, MAX)
  t.strictSame(readFileSync(target), LARGE)
  t.equal(statSync(target).mode & 0o777, 0o700)
  t.strictSame(readdirSync(directory).sort(), ['a.tar.gz', 'target'])
})

t.test('the first of two of that name', async t => {
  const { archive, target } = paths(t, archiveOf({ path: 'program', content: 'one' }, { path: 'program', content: 'two' }))
  await unpackFile(archive, 'program', target, MAX)
  t.equal(readFileSync(target, 'utf8'), 'one')
})

t.test('what no release holds', async t => {
  const program = { path: 'program', content: LARGE }
  const whole = archiveOf(program)
  const damaged = gunzipSync(whole)
  damaged.write('damage', 150)
  const archives: Array<[name: string, archive: Buffer, reason: RegExp]> = [
    ['a path that leads up', archiveOf({ path: '../evil', content: 'x' }, program), /"\.\.\/evil" would lie outside of the directory/],
    ['such a path behind the program', archiveOf(program, { path: 'a/../../evil', content: 'x' }), /would lie outside/],
    ['a path from the root', archiveOf({ path: '/evil', content: 'x' }, program), /would lie outside/],
    ['the program as a symbolic link', archiveOf({ path: 'program', type: 'SymbolicLink', linkpath: '/bin/sh' }), /"program" is a link/],
    ['the program as a hard link', archiveOf({ path: 'other', content: 'x' }, { path: 'program', type: 'Link', linkpath: 'other' }), /"program" is a link/],
    ['no program', archiveOf({ path: 'other', content: 'x' }, { path: 'a/program', content: 'x' }), /there is no file "program" in it/],
    ['the program as a directory', archiveOf({ path: 'program', type: 'Directory' }), /there is no file "program" in it/],
    ['too much', archiveOf(program, { path: 'more', content: Buffer.alloc(MAX) }), /it holds more than 1000000 bytes/],
    ['a program that is too large', archiveOf({ path: 'program', content: Buffer.alloc(MAX + 1) }), /it holds more than 1000000 bytes/],
    ['half of it', whole.subarray(0, whole.length / 2), /./],
    ['half of what is compressed', gzipSync(gunzipSync(whole).subarray(0, 100_000)), /Truncated/],
    ['a damaged header', gzipSync(damaged), /./],
    ['no archive', Buffer.from('<html>not found</html>'), /./],
    ['nothing', Buffer.alloc(0), /./]
  ]
  for (const [name, bytes, reason] of archives) {
    await t.test(name, async t => {
      const { archive, target, directory } = paths(t, bytes)
      const problem = await unpackFile(archive, 'program', target, MAX).catch((problem: unknown) => problem)
      t.type(problem, ArchiveFault)
      t.match((problem as Error).message, reason)
      t.ok(readdirSync(directory).every(name => ['a.tar.gz', 'target'].includes(name)), 'nothing else was written')
      t.notOk(existsSync(join(directory, '../evil')))
    })
  }
})

t.test('a target that is there is not written over, and a disk that refuses is told', async t => {
  const { archive, target } = paths(t, archiveOf({ path: 'program', content: LARGE }))
  writeFileSync(target, 'mine')
  await t.rejects(unpackFile(archive, 'program', target, MAX), { code: 'EEXIST' })
  t.equal(readFileSync(target, 'utf8'), 'mine')
  await t.rejects(unpackFile(`${archive}.not`, 'program', target, MAX), { code: 'ENOENT' })
})
