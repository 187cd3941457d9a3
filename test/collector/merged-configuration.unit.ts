/* eslint no-template-curly-in-string: off -- variables of the collector look like that */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { CONFIGURATIONS, configurationFiles, type ConfigurationName } from '../../lib/collector/configurations.ts'
import { mergeConfigurations } from '../../lib/collector/merged-configuration.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

async function merged (t: Test, ...texts: string[]): Promise<string> {
  const directory = temporaryDirectory(t, Object.fromEntries(texts.map((text, index) => [`${index}.yaml`, text])))
  return await mergeConfigurations(texts.map((_, index) => join(directory, `${index}.yaml`)))
}

t.test('maps are joined, everything else is replaced', async t => {
  const text = await merged(t, 'a:\n  b: 1\n  c: [1, 2]\n  d:\n    e: 1\nf: 1\n', 'a:\n  c: [3]\n  d: 2\n  g: {h: 1}\nf:\n  i: 1\nj:\n', 'a:\n  g: {k: 2}\nj: {l: 1}\n')
  t.strictSame(parse(text), { a: { b: 1, c: [3], d: 2, g: { h: 1, k: 2 } }, f: { i: 1 }, j: { l: 1 } })
})

t.test('variables stay as they are written, and so do comments', async t => {
  const text = await merged(t, '# First\na: ${env:A:-${env:B}/x}:${env:C:-1}\n', '# Second\nb: ${env:CLICKHOUSE_PASSWORD}\n')
  t.equal(text, '# First\na: ${env:A:-${env:B}/x}:${env:C:-1}\n# Second\nb: ${env:CLICKHOUSE_PASSWORD}\n')
})

t.test('anchors of two files do not meet', async t => {
  const text = await merged(t, 'a: &x {k: 1}\nb: *x\n', 'c: &x {k: 2}\nd: *x\n')
  t.strictSame(parse(text), { a: { k: 1 }, b: { k: 1 }, c: { k: 2 }, d: { k: 2 } })
  t.notMatch(text, /[&*]x/)
})

t.test('what a merge key brings is joined with what another file says', async t => {
  const base = 'a: &a\n  k: 1\n  deep: {x: 1, y: {z: 1}}\nb:\n  <<: *a\n  k: 2\nc:\n  <<: [{k: 3}, *a]\n  "<<": text\n'
  const text = await merged(t, base, 'b: {deep: {y: {w: 9}}}\nc: {l: 1}\n')
  t.strictSame(parse(text), {
    a: { k: 1, deep: { x: 1, y: { z: 1 } } },
    b: { k: 2, deep: { x: 1, y: { z: 1, w: 9 } } },
    c: { k: 3, deep: { x: 1, y: { z: 1 } }, '<<': 'text', l: 1 }
  })
  t.strictSame(parse(await merged(t, 'a: {m: &m {k: 1}}\nb: &b\n  <<: *m\nc:\n  <<: *b\n')).c, { k: 1 })
})

t.test('an override at a depth that only a merge key fills keeps the rest', async t => {
  const directory = temporaryDirectory(t, { 'more.yaml': 'exporters: {load_balancing/metrics: {sending_queue: {queue_size: 123456789}}}\n' })
  const text = await mergeConfigurations([...configurationFiles('gateway-edge', { LETTA_OTELCOL_SAMPLERS: 'a:1' }), join(directory, 'more.yaml')])
  t.match(parse(text).exporters['load_balancing/metrics'], {
    routing_key: 'resource', sending_queue: { storage: 'file_storage', queue_size: 123456789, batch: { sizer: 'bytes' } }, protocol: { otlp: { timeout: '10s' } }
  })
  t.notMatch(text, '<<')
})

t.test('an anchor that holds itself', async t => {
  await t.rejects(merged(t, 'a: &x\n  b: *x\n'), { code: 'LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION', message: /0\.yaml is no configuration.*"x" holds itself/ })
})

t.test('one file, none, and an empty one', async t => {
  t.equal(await merged(t, 'a: 1 # why\n'), 'a: 1 # why\n')
  t.equal(await merged(t), '')
  t.strictSame(parse(await merged(t, 'a: 1\n', '# nothing\n')), { a: 1 })
  t.strictSame(parse(await merged(t, '# nothing\n', 'a: 1\n')), { a: 1 })
})

t.test('every configuration of letta-otel', async t => {
  for (const name of Object.keys(CONFIGURATIONS) as ConfigurationName[]) {
    const text = await mergeConfigurations(configurationFiles(name, { LETTA_OTELCOL_SAMPLERS: 'a:1', LETTA_OTELCOL_TLS_CERT_FILE: 'c' }))
    const { receivers, exporters, service } = parse(text) as Record<string, Record<string, any>>
    t.ok(receivers?.['otlp'].protocols.grpc.endpoint.includes('${env:LETTA_OTELCOL_GRPC_PORT'), name)
    t.ok(receivers?.['otlp'].protocols.http.tls.cert_file.includes('${env:'), 'and what joins')
    for (const pipeline of Object.values(service?.['pipelines'] as Record<string, { exporters: string[] }>)) {
      for (const exporter of pipeline.exporters) t.ok(exporter in exporters! || exporter in ((parse(text) as any).connectors ?? {}), `${name}: ${exporter}`)
    }
  }
})
