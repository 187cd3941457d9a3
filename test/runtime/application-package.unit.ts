import { join } from 'node:path'
import t from 'tap'
import { applicationPackage } from '../../lib/runtime/application-package.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

t.test('the nearest package.json upwards', async t => {
  const folder = temporaryDirectory(t, {
    'package.json': JSON.stringify({ name: 'outer', version: '1.0.0' }),
    a: { 'package.json': JSON.stringify({ name: 'inner', version: '2.0.0' }), deep: { deeper: {} } },
    b: { deep: {} }
  })
  t.strictSame(applicationPackage(join(folder, 'a')), { name: 'inner', version: '2.0.0' })
  t.strictSame(applicationPackage(join(folder, 'a/deep/deeper')), { name: 'inner', version: '2.0.0' })
  t.strictSame(applicationPackage(join(folder, 'b/deep')), { name: 'outer', version: '1.0.0' })
  t.strictSame(applicationPackage(join(folder, 'does/not/exist')), { name: 'outer', version: '1.0.0' })
})

t.test('only what it states', async t => {
  const folder = temporaryDirectory(t, {
    private: { 'package.json': '{ "private": true }' },
    wrong: { 'package.json': '{ "name": 7, "version": "3.0.0", "dependencies": null }' },
    dependent: { 'package.json': '{ "dependencies": { "pg": "8" } }' }
  })
  t.strictSame(applicationPackage(join(folder, 'private')), {})
  t.strictSame(applicationPackage(join(folder, 'wrong')), { version: '3.0.0' })
  t.strictSame(applicationPackage(join(folder, 'dependent')), { dependencies: ['pg'] })
})

t.test('one that cannot be read is passed over', async t => {
  const folder = temporaryDirectory(t, {
    'package.json': JSON.stringify({ name: 'outer' }),
    broken: { 'package.json': '{ "name": ' },
    folder: { 'package.json': {} }
  })
  t.strictSame(applicationPackage(join(folder, 'broken')), { name: 'outer' })
  t.strictSame(applicationPackage(join(folder, 'folder')), { name: 'outer' })
})

t.test('nothing up to the root', async t => {
  t.strictSame(applicationPackage('/'), {})
})
