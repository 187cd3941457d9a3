import { join } from 'node:path'
import t from 'tap'
import { findProgram, namedBinary } from '../../lib/collector/find-program.ts'
import { installedPath } from '../../lib/collector/installed.ts'
import { COLLECTOR_VERSION } from '../../lib/collector/version.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { programSaying, putProgram } from './programs.ts'

t.test('a collector of one’s own', async t => {
  t.equal(namedBinary(undefined, {}), undefined)
  t.equal(namedBinary(undefined, { LETTA_OTELCOL_BINARY: ' ' }), undefined)
  t.equal(namedBinary(undefined, { LETTA_OTELCOL_BINARY: '/a' }), '/a')
  t.equal(namedBinary('/b', { LETTA_OTELCOL_BINARY: '/a' }), '/b')
  t.throws(() => namedBinary('', { LETTA_OTELCOL_BINARY: '/a' }), { code: 'LETTA_OTEL_INVALID_OPTION', message: /"--binary" cannot be ""/ })
  const path = putProgram(join(temporaryDirectory(t), 'own'), programSaying('1.0.0'))
  t.strictSame(await findProgram(path, '/nowhere'), { path, version: '1.0.0', source: 'binary' }, 'may be of any version')
  await t.rejects(findProgram(`${path}.not`, '/nowhere'), { code: 'LETTA_OTEL_COLLECTOR_UNUSABLE', message: /it is not there\. Name another one with --binary or LETTA_OTELCOL_BINARY/ })
})

t.test('the one that is installed', async t => {
  const directory = temporaryDirectory(t)
  await t.rejects(findProgram(undefined, directory), { code: 'LETTA_OTEL_COLLECTOR_UNUSABLE', message: /it is not there\. Run letta-otel collector install$/ })
  const path = putProgram(installedPath(directory), programSaying('1.0.0'))
  await t.rejects(findProgram(undefined, directory), { message: /it says that it is version 1\.0\.0\. Run letta-otel collector install$/ })
  putProgram(path, programSaying(COLLECTOR_VERSION))
  t.strictSame(await findProgram(undefined, directory), { path, version: COLLECTOR_VERSION, source: 'installed' })
})
