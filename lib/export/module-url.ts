import { pathToFileURL } from 'node:url'

/** The URL of this file or, in a bundle, of the bundle; nothing where neither ES modules' nor CommonJS' way to say it is left. */
export function moduleUrl (): string | undefined {
  // In a bundle of CommonJS, `import.meta` is an empty object.
  const url = import.meta.url as string | undefined
  if (url !== undefined) return url
  return typeof __filename === 'string' ? pathToFileURL(__filename).href : undefined
}
