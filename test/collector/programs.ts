import { chmodSync, writeFileSync } from 'node:fs'

/** A program that says its version as the collector does, and whatever else. */
export function programSaying (version: string, more = ''): string {
  return `#!/bin/sh\nif [ "$1" = --version ]; then echo "otelcol-contrib version ${version}"; exit; fi\n${more}\n`
}

export function putProgram (path: string, source: string): string {
  writeFileSync(path, source)
  chmodSync(path, 0o755)
  return path
}
