import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t, { type Test } from 'tap'
import { buildDistribution, distributionPath, type BuildSettings } from '../../lib/collector/build-distribution.ts'
import { fakeGo, type FakeGo } from './fake-go.ts'

function machine (t: Test, status = 0): BuildSettings & Pick<FakeGo, 'notes'> {
  const { env, directory, notes } = fakeGo(t, status)
  return { env, homeDirectory: directory, onProgress: () => {}, notes }
}

t.test('a collector is built once, of its manifest, with the builder of the release', async t => {
  const settings = machine(t)
  const program = await buildDistribution('distribution', settings)
  t.match(program, /cache\/letta-otel\/collector\/[\d.]+-[0-9a-f]{12}\/otelcol-letta$/)
  t.match(readFileSync(program, 'utf8'), /built of .*lib\/collector\/distribution\.yaml/)
  t.match(settings.notes(), [/^run go\.opentelemetry\.io\/collector\/cmd\/builder@v[\d.]+ --config .*distribution\.yaml GOFLAGS=-p=1 -mod=mod CGO_ENABLED=0$/])
  t.equal(await buildDistribution('distribution', settings), program)
  t.equal(settings.notes().length, 1, 'and found after that')
  const larger = await buildDistribution('distribution-datadog', settings)
  t.not(dirname(larger), dirname(program), 'another manifest is another collector')
  t.match(larger, /otelcol-letta-datadog$/)
})

t.test('two builds at once both end with a whole program', async t => {
  const settings = machine(t)
  const programs = await Promise.all([buildDistribution('distribution', settings), buildDistribution('distribution', settings)])
  t.equal(programs[0], programs[1])
  t.same(readdirSync(dirname(programs[0])), ['otelcol-letta'], 'and nothing is left over')
})

t.test('a build that fails leaves nothing', async t => {
  const settings = machine(t, 3)
  await t.rejects(buildDistribution('distribution', settings), { code: 'LETTA_OTEL_COLLECTOR_BUILD_FAILED', message: /the builder ended with 3/ })
  t.notOk(existsSync(await distributionPath('distribution', settings)))
})

t.test('without Go it is said what to do', async t => {
  const { env, ...settings } = machine(t)
  await t.rejects(buildDistribution('distribution', { ...settings, env: { ...env, PATH: '/nowhere' } }), {
    code: 'LETTA_OTEL_COLLECTOR_BUILD_FAILED', message: /there is no go on the PATH\. Install Go/
  })
})

t.test('without a cache of one\'s own, it is in the home directory', async t => {
  const path = await distributionPath('distribution', { env: {}, homeDirectory: '/home/ada' })
  t.match(path, /^\/home\/ada\/\.cache\/letta-otel\/collector\//)
})
