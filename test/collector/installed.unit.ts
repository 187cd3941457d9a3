import t from 'tap'
import { installedPath, isInstalled } from '../../lib/collector/installed.ts'
import { COLLECTOR_VERSION } from '../../lib/collector/version.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { programSaying, putProgram } from './programs.ts'

t.test('a version has a place, and is there when it says so itself', async t => {
  const directory = temporaryDirectory(t)
  t.equal(installedPath(directory), `${directory}/otelcol-contrib-${COLLECTOR_VERSION}`)
  t.equal(await isInstalled(directory), false)
  putProgram(installedPath(directory, '1.2.3'), programSaying('1.2.3'))
  t.equal(await isInstalled(directory, '1.2.3'), true)
  putProgram(installedPath(directory, '1.2.4'), programSaying('1.2.3'))
  t.equal(await isInstalled(directory, '1.2.4'), false)
})
