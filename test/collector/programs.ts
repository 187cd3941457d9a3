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

/** A collector that says what it was given, and then obeys signals: SIGHUP and SIGINT are answered, SIGTERM ends it with 7. */
export function obedientProgram (version: string): string {
  return programSaying(version, `
if [ "$1" = validate ]; then
  [ -z "$CLICKHOUSE_PASSWORD" ] && exit
  echo "Error: $CLICKHOUSE_PASSWORD is refused" >&2
  exit 1
fi
trap 'echo read again' HUP
trap 'echo interrupted' INT
trap 'echo stopping; exit 7' TERM
echo "given $LETTA_OTELCOL_HOST $LETTA_DIR"
for word in "$@"; do echo "word $word"; done
echo ready
while :; do sleep 1 > /dev/null 2>&1 & wait $!; done`)
}
