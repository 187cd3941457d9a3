/* eslint no-template-curly-in-string: off -- variables of the collector look like that */
import { join } from 'node:path'
import t from 'tap'
import { readYaml, valuesOf } from '../../lib/collector/read-yaml.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

t.test('values, and neither keys nor comments', async t => {
  const directory = temporaryDirectory(t, { 'a.yaml': 'a: ${env:A} # ${env:NOT}\nb: ["# ${env:B}", 1]\n${env:KEY}: |\n  # ${env:C}\n' })
  t.equal(valuesOf((await readYaml(join(directory, 'a.yaml')))!), '${env:A}\n# ${env:B}\n# ${env:C}\n')
})

t.test('a file that says nothing', async t => {
  const directory = temporaryDirectory(t, { empty: '', comment: '# nothing\n', null: '~\n' })
  for (const name of ['empty', 'comment', 'null']) t.equal(await readYaml(join(directory, name)), undefined, name)
})

t.test('what is no configuration is refused by the name of its file', async t => {
  const directory = temporaryDirectory(t, { broken: 'a: {b\n', password: 'password: [s3cret\nb: 1', two: 'a: 1\n---\nb: 2\n', list: '- a\n', text: 'a', alias: 'a: *x\n', directory: {} })
  const reasons = {
    broken: /it is no YAML: .* at line 2/,
    password: /it is no YAML/,
    two: /several YAML documents/,
    list: /no map/,
    text: /no map/,
    alias: /it is no YAML: Unresolved alias/,
    directory: /it is a directory$/,
    missing: /it cannot be read \(ENOENT\)$/
  }
  for (const [name, message] of Object.entries(reasons)) {
    const file = join(directory, name)
    const problem = await readYaml(file).catch((problem: unknown) => problem) as Error
    t.match(problem, { code: 'LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION', message })
    t.ok(problem.message.startsWith(`${file} is no configuration of the collector: `))
    t.notMatch(problem.message, 's3cret')
  }
})
