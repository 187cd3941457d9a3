import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Name and version of an application, as far as its package.json states them. */
export interface ApplicationPackage {
  readonly name?: string
  readonly version?: string
}

/** Reads the package.json nearest to `directory`, upwards; an empty object where there is none that can be read. */
export function applicationPackage (directory: string): ApplicationPackage {
  for (let folder = directory; ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>
      return { ...(typeof name === 'string' && { name }), ...(typeof version === 'string' && { version }) }
    } catch {}
    if (dirname(folder) === folder) return {}
  }
}
