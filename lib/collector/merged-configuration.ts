import { isAlias, isMap, isScalar, isSeq, visit, type Document, type Pair, type YAMLMap } from 'yaml'
import { LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION } from '../errors.ts'
import { readYaml } from './read-yaml.ts'

const MERGE_KEY = '<<'

/**
 * Several configurations as one, as the collector itself puts them together: maps are joined, and of everything else, lists
 * too, the later counts. Variables stay as they are written, and so do comments.
 *
 * @throws {LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION} a file cannot be read, or is not one map
 */
export async function mergeConfigurations (files: readonly string[]): Promise<string> {
  const documents = await Promise.all(files.map(async file => plain(file, await readYaml(file))))
  const [first, ...others] = documents.filter(document => document !== undefined)
  for (const { contents } of others) merge(first!.contents as YAMLMap, contents as YAMLMap)
  return first?.toString({ lineWidth: 0 }) ?? ''
}

/**
 * Without anchors and aliases, since those of two files may have the same names, and without merge keys: to the collector
 * they are gone before files are put together.
 */
function plain (file: string, document: Document.Parsed | undefined): Document.Parsed | undefined {
  if (document === undefined) return undefined
  visit(document, {
    Alias: (_key, alias, path) => {
      const source = alias.resolve(document)
      if (path.some(node => node === source)) throw new LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION(file, `its anchor "${alias.source}" holds itself`)
      return source?.clone() as YAMLMap
    }
  })
  visit(document, { Node: (_key, node) => { if ('anchor' in node && !isAlias(node)) delete node.anchor } })
  flatten(document.contents)
  return document
}

/** A map's own keys count more than those that are merged into it, and of several maps the first counts most. */
function flatten (node: unknown): void {
  if (isSeq(node)) for (const item of node.items) flatten(item)
  if (!isMap(node)) return
  for (const { value } of node.items) flatten(value)
  const own = node.items.filter(pair => !isMergeKey(pair))
  const names = new Set(own.map(nameOf))
  node.items = node.items.flatMap(pair => isMergeKey(pair) ? sourcesOf(pair).flatMap(({ items }) => items).filter(pair => isNew(names, nameOf(pair))) : [pair])
}

function isMergeKey ({ key }: Pair): boolean {
  return isScalar(key) && (key.source ?? key.value) === MERGE_KEY && key.type === 'PLAIN'
}

function sourcesOf ({ value }: Pair): YAMLMap[] {
  return (isSeq(value) ? value.items : [value]).filter(isMap)
}

function nameOf ({ key }: Pair): unknown {
  return isScalar(key) ? key.value : key
}

function isNew (names: Set<unknown>, name: unknown): boolean {
  return !names.has(name) && names.add(name).size > 0
}

function merge (into: YAMLMap, from: YAMLMap): void {
  for (const pair of from.items) {
    const known = into.get(nameOf(pair), true)
    if (isMap(known) && isMap(pair.value)) merge(known, pair.value)
    else into.set(pair.key, pair.value)
  }
}
