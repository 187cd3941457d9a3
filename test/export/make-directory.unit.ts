import { existsSync, statSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { makeDirectory, makeDirectorySync } from '../../lib/export/make-directory.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** Both ways. */
const ways: ReadonlyArray<[how: string, make: (path: string, mode?: number) => Promise<void>]> = [
  ['later', makeDirectory],
  ['at once', async (path, mode) => { makeDirectorySync(path, mode) }]
]

for (const [how, make] of ways) {
  t.test(`a directory and those above it are made, for whom they shall be for, ${how}`, async t => {
    const root = temporaryDirectory(t)
    const path = join(root, 'a/b')
    await make(path, 0o700)
    await make(path)
    await make(root)
    await make('/')
    for (const made of [path, join(root, 'a')]) t.equal(statSync(made).mode & 0o777, 0o700)
  })

  t.test(`problems are thrown as the file system says them, ${how}`, async t => {
    const directory = temporaryDirectory(t)
    const file = join(directory, 'file')
    writeFileSync(file, '')
    await t.rejects(make(join(file, 'a/b')), { code: 'ENOTDIR' })
    await t.rejects(make(file), { code: 'EEXIST' })
    await t.rejects(make(''), { code: 'ENOENT' })
  })
}

t.test('where a directory cannot be made although its parent is there, this ends', { skip: existsSync('/proc/self') ? false : 'there is no /proc' }, async t => {
  // In a process of its own: a recursion without end would take this one with it.
  const script = `
    import { makeDirectory, makeDirectorySync } from ${JSON.stringify(new URL('../../lib/export/make-directory.ts', import.meta.url).href)}
    const codes = []
    try { makeDirectorySync('/proc/letta/otel') } catch ({ code }) { codes.push(code) }
    await makeDirectory('/proc/letta/otel').catch(({ code }) => { codes.push(code) })
    process.stdout.write(codes.join())`
  const { stdout } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script], { timeout: 60_000 })
  t.equal(String(stdout), 'ENOENT,ENOENT')
})
