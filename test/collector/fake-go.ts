import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { temporaryDirectory } from '../temporary-directory.ts'

/** Makes the program that a manifest names, where the builder would, and notes what it was asked. */
const GO = `#!/bin/sh
echo "$* GOFLAGS=$GOFLAGS CGO_ENABLED=$CGO_ENABLED" >> "$NOTES"
name=$(sed -n 's/^  name: //p' "$4")
mkdir "$name" && echo "built of $4" > "$name/$name" && chmod +x "$name/$name"
exit $STATUS
`

export interface FakeGo {
  /** With it on the path, and a cache that nobody else has. */
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
  /** A line for each time that it was run. */
  notes (): string[]
}

/** What stands for Go. @param status with which it ends */
export function fakeGo (t: Test, status = 0): FakeGo {
  const directory = temporaryDirectory(t, { bin: { go: GO }, cache: {} })
  chmodSync(join(directory, 'bin/go'), 0o755)
  writeFileSync(join(directory, 'notes'), '')
  return {
    env: {
      PATH: `${join(directory, 'bin')}:${process.env['PATH']}`,
      XDG_CACHE_HOME: join(directory, 'cache'),
      NOTES: join(directory, 'notes'),
      STATUS: String(status),
      GOFLAGS: '-p=1'
    },
    directory,
    notes: () => readFileSync(join(directory, 'notes'), 'utf8').split('\n').filter(line => line !== '')
  }
}
