/** A backend in a process of its own, as `letta-otel dev` starts it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
/** Of Linux, which counts processor time in these. */
const TICKS_PER_SECOND = 100

export interface BackendProcess {
  readonly pid: number
  readonly url: string
  /** Asks the ClickHouse endpoint. */
  query (sql: string, parameters?: Readonly<Record<string, string>>): Promise<string>
  stop (): Promise<void>
}

export async function startBackend (directory: string): Promise<BackendProcess> {
  const child = spawn(process.execPath, [`${PROJECT}lib/cli/bin.ts`, 'dev', '--port', '0', '--clickhouse-port', '0', '--data', directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`
    const [, url] = /listens on (\S+)/.exec(said) ?? []
    const [, clickhouseUrl] = /CLICKHOUSE_ENDPOINT=(\S+)/.exec(said) ?? []
    if (url === undefined || clickhouseUrl === undefined) continue
    return {
      pid: child.pid!,
      url,
      async query (sql, parameters = {}) {
        const response = await fetch(`${clickhouseUrl}/?${new URLSearchParams(parameters).toString()}`, { method: 'POST', body: sql })
        const answer = await response.text()
        if (response.status !== 200) throw new Error(`${response.status}: ${answer}`)
        return answer
      },
      async stop () {
        const exit = once(child, 'exit')
        child.kill('SIGTERM')
        await exit
      }
    }
  }
  throw new Error('the backend ended')
}

export function memoryOf (pid: number): { residentBytes: number, peakBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1_024
  return { residentBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') }
}

export function cpuSecondsOf (pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
