import { existsSync, statSync, writeFileSync } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { makeDirectory } from '../../../lib/export/spool/make-directory.ts'

function problem (code: string): Error {
  return Object.assign(new Error(code), { code })
}

t.test('a directory and those above it are made, for the owner alone', async t => {
  const path = join(t.testdir(), 'a/b')
  await makeDirectory(path)
  await makeDirectory(path)
  t.equal(statSync(path).mode & 0o777, 0o700)
})

t.test('of a read-only file system it is said that it is read-only', async t => {
  const root = t.testdir()
  const path = join(root, 'a/b')
  const asked: Array<[string, number | undefined]> = []
  await t.rejects(makeDirectory(path, {
    mkdir: (async () => { throw problem('ENOENT') }) as unknown as typeof mkdir,
    access: async (at, mode) => {
      asked.push([String(at), mode])
      await access(at)
      if (mode !== undefined) throw problem('EROFS')
    }
  }), { code: 'EROFS' })
  t.strictSame(asked.at(-1), [root, 2], 'the nearest that exists is asked whether it can be written to')
})

t.test('other problems are thrown as they are', async t => {
  const directory = t.testdir()
  writeFileSync(join(directory, 'file'), '')
  await t.rejects(makeDirectory(join(directory, 'file/a')), { code: 'ENOTDIR' })
  await t.rejects(makeDirectory(join(directory, 'a/b'), {
    mkdir: (async () => { throw problem('ENOENT') }) as unknown as typeof mkdir,
    access
  }), { code: 'ENOENT' }, 'where it could be written to')
  t.notOk(existsSync(join(dirname(directory), 'b')))
})
