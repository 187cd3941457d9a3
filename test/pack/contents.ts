import { existsSync, globSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { readJson } from './project.ts'

/** What is wrong with an installed package, by what should be right with it. */
export function faultsOfContents (root: string, checkout: string): Record<string, string[]> {
  const files = globSync('**/*', { cwd: root, withFileTypes: true }).filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1)).sort()
  const read = (file: string): string => readFileSync(join(root, file), 'utf8')
  const manifest = readJson(join(root, 'package.json'))
  const targets = Object.values(manifest.exports as Record<string, string | Record<string, string>>)
    .flatMap(target => typeof target === 'string' ? [target] : Object.values(target))
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const machine = [checkout, homedir(), 'registry.'].filter(text => text !== '/')
  return {
    'it holds nothing but what is built, and documents': files.filter(file =>
      !/^dist\/[\w/-]+\.(?:js|js\.map|d\.ts)$|^dist\/store\/migrations\/[\w-]+\.sql$|^dist\/collector\/(?:configs\/)?[\w-]+\.yaml$|^dist\/dashboard\/web\/[\w-]+\.(?:css|html|svg|txt)$|^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|docs\/[\w-]+\.md|docs\/(?:grafana|prometheus|signoz)\/[\w/-]+\.(?:json|yaml))$/.test(file)),
    'it holds configurations of the collector': ['base', 'gateway-sampling'].map(name => `dist/collector/configs/${name}.yaml`).filter(file => !files.includes(file)),
    'it holds its documents': ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs/README.md', 'docs/options.md'].filter(file => !files.includes(file)),
    'every export is a file': targets.filter(target => !existsSync(join(root, target))),
    'every source map holds its sources': files.filter(file => file.endsWith('.map')).filter(file => {
      const map = readJson(join(root, file)) as { sources: string[], sourcesContent?: Array<string | null> }
      return map.sources.some((_, index) => typeof map.sourcesContent?.[index] !== 'string')
    }),
    // But for the page, which is bundled for browsers.
    'every script names a source map that is there': files.filter(file => file.endsWith('.js') && !file.startsWith('dist/dashboard/web/')).filter(file => {
      const name = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(read(file))?.[1]
      return name === undefined || !existsSync(join(root, dirname(file), name))
    }),
    'no file names this machine or a registry': files.filter(file => machine.some(text => read(file).includes(text))),
    'what users see of the types needs declared packages alone':
      packagesOfDeclarations(root, targets.filter(target => target.endsWith('.d.ts'))).filter(name => !declared.includes(name))
  }
}

/** Packages that the entries' declarations import, and those they import. */
function packagesOfDeclarations (root: string, entries: readonly string[]): string[] {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const queue = entries.map(entry => join(root, entry))
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/(?:from |import\(|import )["']([^"']+)["']/g)) {
      if (specifier.startsWith('.')) queue.push(join(dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts')))
      else if (!specifier.startsWith('node:')) packages.add(specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/'))
    }
  }
  return [...packages]
}
