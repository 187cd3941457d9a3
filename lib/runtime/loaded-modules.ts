import { createRequire } from 'node:module'
import { sep } from 'node:path'

/** A CommonJS module that is in the process. */
export interface LoadedModule {
  /** Of its package. */
  readonly name: string
  readonly exports: unknown
}

// Node has one cache for all, whoever asks.
const { cache } = createRequire(process.execPath)

/**
 * Main modules of packages that were loaded already, wherever they are installed, all copies of them.
 *
 * @param mainModules where a package has its main module, by the package's name: `{ pg: 'lib/index.js' }`
 */
export function loadedModules (mainModules: Readonly<Record<string, string>>): LoadedModule[] {
  const endings = Object.entries(mainModules).map(([name, path]) => ({ name, ending: ['', 'node_modules', name, ...path.split('/')].join(sep) }))
  return Object.entries(cache).flatMap(([file, module]) =>
    endings.filter(({ ending }) => file.endsWith(ending)).map(({ name }) => ({ name, exports: module?.exports as unknown })))
}
