import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Name, version and dependencies of an application, as far as its package.json states them. */
export interface ApplicationPackage {
  readonly name?: string
  readonly version?: string
  /** Names of the packages that it needs when it runs. */
  readonly dependencies?: readonly string[]
}

/** Reads the package.json nearest to `directory`, upwards; an empty object where there is none that can be read. */
export function applicationPackage (directory: string): ApplicationPackage {
  for (let folder = directory; ; folder = dirname(folder)) {
    try {
      const { name, version, dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>
      return {
        ...(typeof name === 'string' && { name }),
        ...(typeof version === 'string' && { version }),
        ...(typeof dependencies === 'object' && dependencies !== null && { dependencies: Object.keys(dependencies) })
      }
    } catch {}
    if (dirname(folder) === folder) return {}
  }
}
