import { readFile } from 'node:fs/promises'
import { isMap, parseAllDocuments, visit, type Document } from 'yaml'
import { LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION } from '../errors.ts'

/**
 * A configuration's file as YAML.
 *
 * @returns undefined for a file that says nothing, an empty one say
 * @throws {LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION} it cannot be read, or is not one map
 */
export async function readYaml (file: string): Promise<Document.Parsed | undefined> {
  const documents = parseAllDocuments(await textOf(file), { merge: true })
  const [document, second] = 'empty' in documents ? [] : documents
  const [fault] = document?.errors ?? []
  // The parser's next lines show the place, with whatever secret is there.
  if (fault !== undefined) throw new LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION(file, `it is no YAML: ${fault.message.split('\n')[0]!.replace(/:$/, '')}`)
  // The collector reads the first and says nothing of the others.
  if (second !== undefined) throw new LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION(file, 'it has several YAML documents, of which the collector reads one')
  if (document === undefined || valueOf(file, document) === null) return undefined
  if (!isMap(document.contents)) throw new LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION(file, 'it is no map, such as "exporters: …"')
  return document
}

/** An alias without an anchor is found only here. */
function valueOf (file: string, document: Document): unknown {
  try {
    return document.toJS() as unknown
  } catch (problem) {
    throw new LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION(file, `it is no YAML: ${(problem as Error).message.split('\n')[0]}`)
  }
}

/** All plain values of a configuration, one a line: what the collector looks for variables in. */
export function valuesOf (document: Document): string {
  const values: string[] = []
  visit(document, { Scalar: (key, { value }) => { if (key !== 'key' && typeof value === 'string') values.push(value) } })
  return values.join('\n')
}

async function textOf (file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException
    throw new LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION(file, code === 'EISDIR' ? 'it is a directory' : `it cannot be read (${code})`)
  }
}
