import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchRequest } from '../workloads/workload.ts'
import { CONNECTIONS, type LoadOptions, type LoadResult } from './load.ts'

/** The version of wrk on this machine, if there is one. */
export const wrkVersion: string | undefined = /^wrk (\S+)/.exec(spawnSync('wrk', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1]

/** Every connection sends its next request when the last one is answered, with wrk. */
export async function loadWithWrk ({ url, requests, seconds }: LoadOptions): Promise<LoadResult> {
  const directory = mkdtempSync(join(tmpdir(), 'letta-otel-wrk-'))
  try {
    const script = join(directory, 'load.lua')
    writeFileSync(script, luaScript(requests))
    const { stdout } = await promisify(execFile)('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, url])
    return resultOf(stdout, requests)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Prepared requests sent in turn; wrk makes them once, and prints one line of figures. */
function luaScript (requests: readonly BenchRequest[]): string {
  const formats = requests.map(({ method, path, body }) => body === undefined
    ? `wrk.format(${lua(method)}, ${lua(path)})`
    : `wrk.format(${lua(method)}, ${lua(path)}, { ["content-type"] = "application/json" }, ${lua(JSON.stringify(body))})`)
  return `
local requests, next = {}, 0
function init () requests = { ${formats.join(', ')} } end
function request ()
  next = next % #requests + 1
  return requests[next]
end
function done (summary, latency)
  local errors = summary.errors
  io.write(string.format('figures %d %d %d %d %f %f\\n', summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
`
}

function lua (text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}

function resultOf (output: string, requests: readonly BenchRequest[]): LoadResult {
  const line = /^figures (.*)$/m.exec(output)?.[1]
  if (line === undefined) throw new Error(`wrk printed no figures:\n${output}`)
  const [answered = 0, microseconds = 0, failing = 0, unanswered = 0, p50 = 0, p99 = 0] = line.split(' ').map(Number)
  // wrk counts statuses from 400 on. As it stops anywhere in the list, one round of it may be more or less.
  const expected = answered * requests.filter(({ status }) => status >= 400).length / requests.length
  const unexpected = Math.abs(failing - expected) > requests.length + CONNECTIONS ? Math.round(Math.abs(failing - expected)) : 0
  return { requestsPerSecond: answered / (microseconds / 1e6), p50: p50 / 1e3, p99: p99 / 1e3, wrong: unexpected + unanswered }
}
