import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { PROJECT } from '../fixtures/node-process.ts'

export interface BackendProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly clickhouseUrl: string
  /** What it wrote to standard output until it listened. */
  readonly said: string
}

/** `letta-otel dev` on free ports, ended with the test. */
export async function startProgram (t: Pick<Test, 'teardown'>, words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<BackendProcess> {
  const child = spawn(process.execPath, [`${PROJECT}lib/cli/bin.ts`, 'dev', '--port', '0', '--clickhouse-port', '0', ...words], {
    cwd: PROJECT, env: { ...process.env, LETTA_DEV_TOKEN: '', ...env }, stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  })
  let said = ''
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`
    const clickhouseUrl = /CLICKHOUSE_ENDPOINT=(\S+)/.exec(said)?.[1]
    const url = /listens on (\S+)/.exec(said)?.[1]
    if (url !== undefined && clickhouseUrl !== undefined) return { child, url, clickhouseUrl, said }
  }
  throw new Error(`letta-otel dev ended: ${said}`)
}
