import { readFileSync } from 'node:fs'
import t from 'tap'
import { COLLECTOR_VERSION } from '../../lib/collector/version.ts'

/** Of stable modules of the core, which count apart from it. */
const STABLE_VERSION = '1.67.0'
/** What module proxies lack of the release. */
const OTHERS: Readonly<Record<string, string>> = { spanmetricsconnector: '0.159.0' }

const textOf = (name: string): string => readFileSync(new URL(`../../lib/collector/${name}.yaml`, import.meta.url), 'utf8')
const modulesOf = (text: string): string[] => [...text.matchAll(/- gomod: (\S+) v\S+/g)].map(([, module = '']) => module)

t.test('manifests are of the release that everything is made for', async t => {
  for (const name of ['distribution', 'distribution-datadog']) {
    const text = textOf(name)
    t.match(text, new RegExp(`^ {2}version: ${COLLECTOR_VERSION}$`, 'm'))
    for (const [, module = '', version] of text.matchAll(/- gomod: (\S+) v(\S+)/g)) {
      t.equal(version, OTHERS[module.split('/').at(-1) ?? ''] ?? (module.includes('/confmap/') ? STABLE_VERSION : COLLECTOR_VERSION), module)
    }
  }
  t.match(textOf('distribution'), `builder@v${COLLECTOR_VERSION}`, 'and so is the builder that it names')
})

t.test('the larger one has the same, and one exporter more', async t => {
  const [small, large] = [modulesOf(textOf('distribution')), modulesOf(textOf('distribution-datadog'))]
  t.same(large.filter(module => !small.includes(module)).map(module => module.split('/').at(-1)), ['datadogexporter'])
  t.same(small.filter(module => !large.includes(module)), [])
})
