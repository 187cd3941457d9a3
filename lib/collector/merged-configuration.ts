import { readFile } from 'node:fs/promises'
import { isMap, isScalar, parseDocument, visit, type Document, type YAMLMap } from 'yaml'

/**
 * Several configurations as one, as the collector itself puts them together: maps are joined, and of everything else, lists
 * too, the later counts. Variables stay as they are written, and so do comments.
 */
export async function mergeConfigurations (files: readonly string[]): Promise<string> {
  const documents = await Promise.all(files.map(async file => parsed(await readFile(file, 'utf8'))))
  // A file without a map, an empty one say, says nothing.
  const [first, ...others] = documents.filter(({ contents }) => isMap(contents))
  for (const { contents } of others) merge(first!.contents as YAMLMap, contents as YAMLMap)
  return first?.toString({ lineWidth: 0 }) ?? ''
}

/** Without anchors and aliases: those of two files may have the same names. */
function parsed (text: string): Document {
  const document = parseDocument(text)
  visit(document, {
    Alias: (_key, alias) => alias.resolve(document)?.clone() as YAMLMap
  })
  visit(document, { Node: (_key, node) => { if ('anchor' in node) delete node.anchor } })
  return document
}

function merge (into: YAMLMap, from: YAMLMap): void {
  for (const { key, value } of from.items) {
    const name = isScalar(key) ? key.value : key
    const known = into.get(name, true)
    if (isMap(known) && isMap(value)) merge(known, value)
    else into.set(key, value)
  }
}
