import { existsSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { remedyOf } from '../../lib/export/disk-remedy.ts'
import { RotatingFile, type RotationOptions } from '../../lib/export/rotating-file.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const BYTES = 1 / (1024 * 1024)
const DAY_MS = 24 * 60 * 60 * 1000

/** Fails a test that has a problem nobody expects. */
const refuse = (problem: Error): void => { throw problem }

function open (path: string, rotation: Partial<RotationOptions> = {}, onProblem: (problem: Error) => void = refuse): RotatingFile {
  return new RotatingFile(path, { megabytes: 100, backups: 5, ...rotation }, onProblem)
}

const content = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).sort().map(name => [name, readFileSync(join(folder, name), 'utf8')]))

t.test('the folder is made with the first line, not before', async t => {
  const folder = join(temporaryDirectory(t), 'a/b')
  const file = open(join(folder, 'x.json'))
  t.notOk(existsSync(folder))
  await file.flush()
  await file.close()
  t.notOk(existsSync(folder))
  const written: boolean[] = []
  file.write('1\n', ok => { written.push(ok) })
  await file.flush()
  t.strictSame(written, [true])
  t.strictSame(content(folder), { 'x.json': '1\n' })
  await file.close()
})

t.test('lines are kept in order, after those of the process before', async t => {
  const folder = temporaryDirectory(t, { 'x.json': 'before\n' })
  const file = open(join(folder, 'x.json'))
  for (let n = 0; n < 1_000; n++) file.write(`${n}\n`)
  await file.flush()
  t.equal(readFileSync(file.path, 'utf8'), `before\n${Array.from({ length: 1_000 }, (_, n) => `${n}\n`).join('')}`)
  file.write('last\n')
  await file.close()
  t.match(readFileSync(file.path, 'utf8'), /999\nlast\n$/)
  t.equal(file.droppedBytes, 0)
})

t.test('closing twice is fine, and a line after closing opens the file again', async t => {
  const file = open(join(temporaryDirectory(t), 'x.json'))
  file.write('1\n')
  await Promise.all([file.close(), file.close()])
  await file.close()
  file.write('2\n')
  await file.close()
  t.equal(readFileSync(file.path, 'utf8'), '1\n2\n')
})

t.test('a full file becomes backup 1, whole lines each, and the oldest backups go', async t => {
  const folder = temporaryDirectory(t)
  const file = open(join(folder, 'x.json'), { megabytes: 10 * BYTES, backups: 3 })
  for (let n = 1; n <= 6; n++) {
    file.write(`line ${n}---\n`)
    await file.flush()
  }
  await file.close()
  t.strictSame(content(folder), { 'x.json': '', 'x.1.json': 'line 6---\n', 'x.2.json': 'line 5---\n', 'x.3.json': 'line 4---\n' })
})

t.test('lines written at once are parted where a file is full', async t => {
  const folder = temporaryDirectory(t)
  const file = open(join(folder, 'x.json'), { megabytes: 15 * BYTES, backups: 9 })
  for (let n = 1; n <= 5; n++) file.write(`line ${n}---\n`)
  await file.close()
  t.strictSame(content(folder), { 'x.json': 'line 5---\n', 'x.1.json': 'line 3---\nline 4---\n', 'x.2.json': 'line 1---\nline 2---\n' })
})

t.test('a file that is full when the process starts is set aside', async t => {
  const folder = temporaryDirectory(t, { 'x.json': 'a full file\n' })
  const file = open(join(folder, 'x.json'), { megabytes: 5 * BYTES })
  file.write('new\n')
  await file.close()
  t.strictSame(content(folder), { 'x.json': 'new\n', 'x.1.json': 'a full file\n' })
})

t.test('whole megabytes are megabytes', async t => {
  const folder = temporaryDirectory(t)
  const file = open(join(folder, 'x.json'), { megabytes: 1 })
  const half = `${'x'.repeat(512 * 1024 - 1)}\n`
  file.write(half)
  await file.flush()
  t.strictSame(readdirSync(folder), ['x.json'])
  file.write(half)
  await file.close()
  t.strictSame(readdirSync(folder).sort(), ['x.1.json', 'x.json'])
})

t.test('backups that are too old go when the file is opened and when it is rotated', async t => {
  const folder = temporaryDirectory(t, {
    'x.1.json': '', 'x.2.json': '', 'x.10.json': '', 'x.json': '', 'x.note.json': '', 'x.0.json': '', 'y.1.json': '', 'x.1.log': ''
  })
  const age = (name: string, days: number): void => { utimesSync(join(folder, name), new Date(), new Date(Date.now() - days * DAY_MS)) }
  for (const name of readdirSync(folder)) age(name, 8)
  age('x.1.json', 6)
  const file = open(join(folder, 'x.json'), { megabytes: 10 * BYTES, days: 7 })
  file.write('1\n')
  await file.flush()
  t.strictSame(readdirSync(folder).sort(), ['x.0.json', 'x.1.json', 'x.1.log', 'x.json', 'x.note.json', 'y.1.json'], 'only old backups of this file went')

  writeFileSync(join(folder, 'x.4.json'), '')
  age('x.4.json', 8)
  file.write('now it is full\n')
  await file.close()
  t.strictSame(content(folder), { 'x.0.json': '', 'x.1.json': '1\nnow it is full\n', 'x.2.json': '', 'x.1.log': '', 'x.json': '', 'x.note.json': '', 'y.1.json': '' })
})

t.test('without days no backup is too old', async t => {
  const folder = temporaryDirectory(t, { 'x.1.json': '' })
  utimesSync(join(folder, 'x.1.json'), 0, 0)
  const file = open(join(folder, 'x.json'))
  file.write('1\n')
  await file.close()
  t.strictSame(readdirSync(folder).sort(), ['x.1.json', 'x.json'])
})

t.test('a folder that cannot be made: counted and told, never thrown', async t => {
  const folder = temporaryDirectory(t, { file: '' })
  const problems: Error[] = []
  const file = open(join(folder, 'file/logs/x.json'), {}, problem => { problems.push(problem) })
  const written: boolean[] = []
  for (const line of ['é\n', '2\n']) file.write(line, ok => { written.push(ok) })
  t.strictSame(written, [false, false])
  t.equal(file.droppedBytes, 5)
  t.match(problems, [{ code: 'ENOTDIR', message: /\. Name another directory with LETTA_DIR$/ }, { code: 'ENOTDIR' }])
  await file.flush()
  await file.close()
})

t.test('a file that cannot be opened: the same, after it was tried', async t => {
  const folder = temporaryDirectory(t, { 'x.json': { inside: '' } })
  const { promise: told, resolve: onProblem } = Promise.withResolvers<Error>()
  const file = open(join(folder, 'x.json'), {}, onProblem)
  const written: boolean[] = []
  for (const line of ['1\n', '22\n']) file.write(line, ok => { written.push(ok) })
  await file.flush()
  t.strictSame(written, [false, false])
  t.match(await told, { message: /it is not a file/ })
  t.equal(file.droppedBytes, 5)
  await file.close()
})

t.test('once the disk is well again lines are kept again', async t => {
  const folder = temporaryDirectory(t, { logs: '' })
  const problems: Error[] = []
  const file = open(join(folder, 'logs/x.json'), {}, problem => { problems.push(problem) })
  file.write('lost\n')
  t.equal(problems.length, 1)
  const { rmSync } = await import('node:fs')
  rmSync(join(folder, 'logs'))
  file.write('kept\n')
  await file.close()
  t.equal(readFileSync(file.path, 'utf8'), 'kept\n')
  t.equal(file.droppedBytes, 5)
})

t.test('what waits for a slow disk is bounded', async t => {
  const problems: Error[] = []
  const file = open(join(temporaryDirectory(t), 'x.json'), {}, problem => { problems.push(problem) })
  const chunk = 'x'.repeat(16 * 1024 * 1024)
  const written: boolean[] = []
  for (let n = 0; n < 5; n++) file.write(chunk, ok => { written.push(ok) })
  t.strictSame(written, [false], 'the last finds no room, the others are under way')
  t.match(problems, [{ message: /wait for the disk/ }])
  t.equal(file.droppedBytes, chunk.length)
  await file.flush()
  file.write('room again\n', ok => { written.push(ok) })
  await file.close()
  t.strictSame(written, [false, true, true, true, true, true])
})

t.test('only who may not write is told to be let', async t => {
  for (const code of ['EACCES', 'EPERM', 'EROFS']) t.match(remedyOf({ code }), /^\. Let this process write to it, or name another directory with LETTA_DIR$/, code)
  for (const code of ['EMFILE', 'ENFILE']) t.equal(remedyOf({ code }), '. Let this process open more files', code)
  t.equal(remedyOf({ code: 'ENOSPC' }), '. Make room on its disk')
  for (const problem of [{ code: 'EIO' }, new Error('it is full of segments in use')]) t.equal(remedyOf(problem), '')
})
