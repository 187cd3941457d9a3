import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkPaths } from '../../lib/collector/check-paths.ts'
import type { Setting } from '../../lib/collector/settings.ts'
import { libUrl, runScript } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const path = (kind: Setting['kind'], value: string, more: Partial<Setting> = {}): Setting =>
  ({ name: 'A', value, kind, meaning: 'meaning', isRequired: false, isSet: true, isInFallback: false, ...more })
const problemOf = async (setting: Setting): Promise<string | undefined> => (await checkPaths([setting]))[0]?.problem

t.test('paths that will do', async t => {
  const directory = temporaryDirectory(t, { file: '', inner: {} })
  const good: Setting[] = [
    path('directory', directory), path('directory', join(directory, 'new/and/newer')), path('output-file', join(directory, 'file')),
    path('output-file', join(directory, 'new/file')), path('input-file', join(directory, 'file'))
  ]
  for (const setting of good) t.strictSame(await checkPaths([setting]), [{ kind: 'path', what: setting.value, meaning: 'meaning', problem: undefined }], setting.value)
})

t.test('what needs no look', async t => {
  const missing = join(temporaryDirectory(t), 'missing')
  t.strictSame(await checkPaths([
    path('value', missing), path('secret', missing), path('port', '1'), path('directory', ''), path('input-file', ''),
    path('input-file', missing, { isSet: false })
  ]), [])
})

t.test('paths that will not', async t => {
  const directory = temporaryDirectory(t, { file: '' })
  const file = join(directory, 'file')
  const bad: Array<[Setting, string]> = [
    [path('input-file', join(directory, 'missing')), 'it is not there'],
    [path('input-file', join(directory, 'missing'), { isSet: false, isRequired: true }), 'it is not there'],
    [path('directory', file), `${file} is no directory`],
    [path('directory', join(file, 'inner')), `${file} is no directory`],
    [path('output-file', join(file, 'inner')), `${file} is no directory`],
    [path('output-file', directory), `${directory} is no file, but a directory`],
    [path('output-file', '/dev/null'), '/dev/null is no file']
  ]
  for (const [setting, problem] of bad) t.equal(await problemOf(setting), `${problem}. Put that right, or set A to another path`)
})

t.test('without permission', async t => {
  const directory = temporaryDirectory(t, { inner: { file: 'x' } })
  const inner = join(directory, 'inner')
  chmodSync(join(inner, 'file'), 0o000)
  chmodSync(inner, 0o555)
  const settings = [path('directory', inner), path('output-file', join(inner, 'new')), path('input-file', join(inner, 'file')), path('output-file', join(inner, 'file'))]
  const { stdout } = await runScript(`
    import { checkPaths } from '${libUrl('collector/check-paths.ts')}'
    // Root may do anything.
    if (process.getuid() === 0) process.setuid(65534)
    for (const { problem } of await checkPaths(${JSON.stringify(settings)})) console.log(problem)
  `)
  chmodSync(inner, 0o755)
  t.strictSame(stdout.trim().split('\n').map(line => line.replace(/\. Put.*/, '').replaceAll(inner, '~')), [
    '~ may not be written to', '~ may not be written to', 'it may not be read', '~/file may not be written to'
  ])
})
