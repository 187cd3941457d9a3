/** The documents name everything that users can name, and their links lead somewhere. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import ts from 'typescript'
import { VARIABLES } from '../lib/collector/variables.ts'
import * as errors from '../lib/errors.ts'

const project = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(project, path), 'utf8')
const documents = ['README.md', 'CHANGELOG.md', ...globSync('docs/*.md', { cwd: project })].sort()
const reference = read('docs/options.md')

/** Names of the members of an interface in lib/options.ts. */
function membersOf (name: string): string[] {
  const source = ts.createSourceFile('options.ts', read('lib/options.ts'), ts.ScriptTarget.Latest)
  const found = source.statements.filter(ts.isInterfaceDeclaration).find(declaration => declaration.name.text === name)
  return (found?.members ?? []).map(member => (member.name as ts.Identifier).text)
}

/** The text of a document without its code. */
function prose (text: string): string {
  return text.replace(/^ *```.*?^ *```$/gms, '')
}

/** What a heading is called in a link, as GitHub does it: its words, and a number from the second time on. */
function anchorsOf (text: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of prose(text).matchAll(/^#+ (.*)$/gm)) {
    const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
    let anchor = words
    for (let number = 1; anchors.has(anchor); number++) anchor = `${words}-${number}`
    anchors.add(anchor)
  }
  return anchors
}

/** Rows of tables that begin with a name. */
function rowsOf (text: string): string {
  return text.match(/^\| `.*/gm)?.join('\n') ?? ''
}

t.test('every option has a heading or a row of its own', t => {
  const options = membersOf('LettaOtelOptions')
  t.ok(options.length > 0, 'there are options')
  for (const option of options) t.match(reference, new RegExp(`^#+ ${option}$`, 'mi'), option)
  for (const name of ['LogOptions', 'EndpointMetricsOptions', 'KeepOptions']) {
    const fields = membersOf(name)
    t.ok(fields.length > 0, `${name} has fields`)
    for (const field of fields) t.match(reference, new RegExp(`^\\| \`${field}\` \\|`, 'm'), `${name}.${field}`)
  }
  for (const name of ['CaptureHeadersOptions', 'RouteTelemetryOptions']) {
    for (const field of membersOf(name)) t.match(reference, new RegExp(`\\b${field}\\b`), `${name}.${field}`)
  }
  t.end()
})

t.test('every public name is mentioned', t => {
  // test/public-surface.test.ts keeps this file true.
  const surface = read('test/public-surface.txt')
  const names = [...surface.matchAll(/^ {2}(?:interface|type|function|const) (\w+)(?= =|:|$)/gm)]
    .map(([, name = '']) => name).filter(name => name !== 'default')
  t.ok(names.includes('LettaOtelOptions') && names.includes('finishedSpans'), 'there are names')
  const code = new Set((reference.match(/^```.*?^```$|`[^`\n]+`/gms) ?? []).flatMap(text => text.split(/\W+/)))
  for (const name of names) t.ok(code.has(name), name)
  const entries = [...surface.matchAll(/^(letta-otel\S*)$/gm)].map(([name]) => name)
  for (const entry of entries) t.ok(reference.includes(entry), entry)
  t.end()
})

t.test('every error has a row in the table', t => {
  const codes = Object.keys(errors).filter(name => name.startsWith('LETTA_OTEL_'))
  for (const code of codes) t.match(reference, new RegExp(`^\\| \`${code}\` \\|`, 'm'), code)
  t.end()
})

t.test('every environment variable that is read is in the table', t => {
  const rows = rowsOf(reference)
  const variables = new Set(globSync('lib/**/*.ts', { cwd: project })
    .flatMap(file => [...read(file).matchAll(/'((?:OTEL|LETTA)_[A-Z_]+|NODE_ENV)'/g)].map(([, name = '']) => name))
    .filter(name => !(name in errors) && !name.startsWith('LETTA_OTELCOL_')))
  t.ok(variables.has('LETTA_DIR') && variables.has('OTEL_SERVICE_NAME'), 'there are variables')
  for (const variable of variables) t.ok(rows.includes(`\`${variable}\``), variable)
  t.end()
})

t.test('every environment variable that the configurations of the collector read is in its table', t => {
  const rows = rowsOf(read('docs/collector.md'))
  for (const variable of Object.keys(VARIABLES)) t.ok(rows.includes(`\`${variable}\``), variable)
  t.end()
})

t.test('every relative link leads to a file, and to a heading in it', t => {
  for (const document of documents) {
    for (const [, link = ''] of prose(read(document)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? document : join(dirname(document), path)
      if (!t.ok(existsSync(join(project, target)), `${document}: ${link} is there`)) continue
      if (anchor !== undefined) t.ok(anchorsOf(read(target)).has(anchor), `${document}: ${link} is a heading`)
    }
  }
  t.end()
})

t.test('the README is short, and its trace and its log line belong together', t => {
  const readme = read('README.md')
  t.ok(readme.split('\n').length < 150, 'under 150 lines')
  for (const command of ['npm ci && npm start', 'npm ci && npm test']) t.match(readme, new RegExp(`^${command}$`, 'm'))
  const line = JSON.parse(/^\{"timestamp".*$/m.exec(readme)?.[0] ?? '{}') as Record<string, string>
  t.match(readme, new RegExp(`^${line['trace_id']} - +${line['span_id']} `, 'm'))
  t.equal(line['dd.trace_id'], BigInt(`0x${line['trace_id']?.slice(16)}`).toString())
  t.end()
})

t.test('no document names a machine', t => {
  for (const document of documents) t.notMatch(read(document), /\/(?:tmp|work|root|home|Users)\//, document)
  t.end()
})
