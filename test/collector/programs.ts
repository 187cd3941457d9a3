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

/** A collector that says what it was given, and then obeys signals: SIGHUP is answered, SIGTERM ends it with 7, SIGQUIT kills it. */
export const OBEDIENT = `#!${process.execPath}
if (process.argv[2] === '--version') {
  console.log('otelcol-contrib version 9.9.9')
} else {
  console.log(JSON.stringify({ words: process.argv.slice(2), host: process.env.LETTA_OTELCOL_HOST, directory: process.env.LETTA_DIR }))
  process.on('SIGHUP', () => { console.log('read again') })
  process.on('SIGINT', () => { console.log('interrupted') })
  process.on('SIGTERM', () => { console.log('stopping'); process.exit(7) })
  setInterval(() => {}, 1_000)
  console.log('ready')
}
`
