/**
 * What users can name, as test/public-surface.txt: a change to that file is a change to the promise.
 * `npx tap run --snapshot test/public-surface.test.ts` writes it anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import * as errors from '../lib/errors.ts'
import { readSurface } from './fixtures/surface.ts'

const project = fileURLToPath(new URL('..', import.meta.url))
const snapshot = join(project, 'test/public-surface.txt')
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  name: string
  exports: Record<string, string | { types: string, default: string }>
}

/** The source of each entry point that is code, by the name users import. */
const entries = Object.entries(manifest.exports).flatMap(([path, target]): Array<[string, string]> => typeof target === 'string'
  ? []
  : [[path.replace('.', manifest.name), target.default.replace('./dist/', 'lib/').replace(/\.js$/, '.ts')]])

t.test('the public surface is what was promised', t => {
  const codes = Object.keys(errors).filter(name => name.startsWith('LETTA_OTEL_')).sort()
  const surface = `${readSurface(project, entries)}\nerror codes\n${codes.map(code => `  ${code}\n`).join('')}`
  if (process.env['TAP_SNAPSHOT'] === '1') writeFileSync(snapshot, surface)
  t.equal(surface, readFileSync(snapshot, 'utf8'))
  t.end()
})

t.test('what the types promise by name is there', async t => {
  for (const [name, file] of entries) {
    // Loading this one starts the runtime, which is all it is for.
    if (name.endsWith('/register')) continue
    const loaded = await import(join(project, file)) as Record<string, unknown>
    t.same(Object.keys(loaded).sort(), valueNames(readFileSync(snapshot, 'utf8'), name), name)
  }
})

/** Names in a section of the snapshot that exist when the code runs. */
function valueNames (text: string, section: string): string[] {
  const lines = text.split('\n')
  const start = lines.indexOf(section) + 1
  return lines.slice(start, lines.indexOf('', start))
    .flatMap(line => /^ {2}(?:const|function) ([^:]+):/.exec(line)?.[1] ?? [])
    .sort()
}
