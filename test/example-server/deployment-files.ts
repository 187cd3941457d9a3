import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { PROJECT } from '../fixtures/node-process.ts'

/** A file of the repository. */
export function read (path: string): string {
  return readFileSync(join(PROJECT, path), 'utf8')
}

/** One service of a composition, as far as it is looked at here. */
export interface Service {
  readonly image?: string
  readonly build?: { readonly context: string, readonly dockerfile: string, readonly target: string }
  readonly command?: string[]
  readonly environment?: Record<string, string>
  readonly volumes?: string[]
  readonly ports?: string[]
  readonly depends_on?: Record<string, { readonly condition: string }>
}

export interface Composition {
  readonly services: Record<string, Service>
  readonly volumes: Record<string, null>
}

type Written = Service & { readonly extends?: { readonly file: string, readonly service: string } }

/** A file of Compose with what its services extend. */
export function readComposition (path: string): Composition {
  const { services, volumes } = parse(read(path), { merge: true }) as { services: Record<string, Written>, volumes: Record<string, null> }
  const extended = Object.entries(services).map(([name, { extends: base, ...own }]): [string, Service] => {
    if (base === undefined) return [name, own]
    const inherited = readComposition(`example-server/${base.file}`).services[base.service]!
    return [name, { ...inherited, ...own, environment: { ...inherited.environment, ...own.environment } }]
  })
  return { services: Object.fromEntries(extended), volumes }
}

/** A stage of a Dockerfile. */
export interface Stage {
  readonly name: string
  readonly from: string
  readonly instructions: ReadonlyArray<readonly [word: string, rest: string]>
}

/** Stages in their order; what stands before the first is an `ARG`. */
export function readDockerfile (path: string): { readonly args: Record<string, string>, readonly stages: Stage[] } {
  const lines = read(path).replace(/^#.*\n/gm, '').replace(/\\\n/g, ' ').split('\n').map(line => line.trim()).filter(line => line !== '')
  const args: Record<string, string> = {}
  const stages: Array<Stage & { instructions: Array<[string, string]> }> = []
  for (const line of lines) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    if (word === 'FROM') {
      const [, from = '', name = ''] = /^(\S+) AS (\S+)$/.exec(rest) ?? []
      stages.push({ name, from, instructions: [] })
    } else if (stages.length === 0) {
      const [name = '', value = ''] = rest.split('=')
      args[name] = value
    } else {
      stages.at(-1)!.instructions.push([word, rest])
    }
  }
  return { args, stages }
}

/** A container of a Kubernetes manifest. */
export interface Container {
  readonly image: string
  readonly args?: string[]
  readonly env?: Array<{ readonly name: string, readonly value?: string }>
  readonly envFrom?: Array<{ readonly secretRef: { readonly name: string } }>
  readonly ports?: Array<{ readonly containerPort: number, readonly hostPort?: number }>
  readonly volumeMounts?: Array<{ readonly name: string, readonly mountPath: string }>
  readonly livenessProbe?: { readonly httpGet: { readonly port: number, readonly path: string } }
  readonly resources?: { readonly limits: { readonly memory: string } }
}

export interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string, readonly namespace?: string }
  readonly spec: any
}

/** Every manifest that a document shows. */
export function readManifests (document: string): Manifest[] {
  return [...read(document).matchAll(/^```yaml\n(.*?)^```$/gms)]
    .flatMap(([, text = '']) => parseAllDocuments(text).map(found => {
      if (found.errors.length > 0) throw new Error(found.errors.join('\n'))
      return found.toJS() as Manifest
    }))
    .filter(({ kind }) => kind !== undefined)
}
