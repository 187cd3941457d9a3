import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))

/**
 * Writes what a measured process runs to `dist/`, as JavaScript: Node would need 150 ms and 18 MB to strip the types of the
 * first file it loads, which counts as the server's own start and memory.
 *
 * @returns the file to start
 */
export function buildServers (): string {
  for (const file of globSync(['serve.ts', 'span-cost.ts', 'method-cost.ts', 'servers/*.ts', 'workloads/*.ts'], { cwd: HERE })) {
    const target = join(HERE, 'dist', file.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, javaScriptOf(readFileSync(join(HERE, file), 'utf8')))
  }
  return join(HERE, 'dist/serve.js')
}

/** The same without types; it stands one directory deeper, so what it imports from the built package does too. */
function javaScriptOf (source: string): string {
  return stripTypeScriptTypes(source)
    .replace(/(['`])(\.\.?\/[^'`\n]*)\.ts\1/g, '$1$2.js$1')
    .replaceAll("'../../../dist/", "'../../../../dist/")
    .replaceAll("'../../dist/", "'../../../dist/")
}
