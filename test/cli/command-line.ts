import { run } from '../../lib/cli/run.ts'
import { openStore } from '../../lib/store/open-store.ts'
import { PROJECT, runNode, type ProcessResult } from '../fixtures/node-process.ts'
import type { SampleSize } from '../fixtures/sample-telemetry.ts'
import { insertSample } from '../store/sample-store.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

type Variables = Readonly<Record<string, string>>

/** Runs a command line in this process. */
export async function runHere (words: readonly string[], env: Variables, terminal = false): Promise<Ran> {
  const written = { stdout: '', stderr: '' }
  const sink = (name: keyof typeof written) => ({ isTTY: terminal, write: (text: string) => { written[name] += text } })
  const code = await run(words, { env, stdout: sink('stdout'), stderr: sink('stderr'), signals: process })
  return { code, ...written }
}

/** Runs `letta-otel` as people do: a process of its own, whose store is of this environment alone. */
export async function runProgram (words: readonly string[], env: Variables): Promise<ProcessResult> {
  return await runNode([`${PROJECT}lib/cli/bin.ts`, ...words], { CLICKHOUSE_ENDPOINT: '', CLICKHOUSE_DATABASE: '', CLICKHOUSE_PASSWORD: '', ...env })
}

/** Puts sample telemetry into the embedded store of a directory. */
export async function fillStore (lettaDirectory: string, size: Partial<SampleSize> = {}): Promise<void> {
  const store = await openStore({ path: `${lettaDirectory}/data` })
  await insertSample(store.engine, size)
  await store.close()
}
