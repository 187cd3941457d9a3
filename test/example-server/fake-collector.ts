import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { COLLECTOR_VERSION } from '../../lib/collector/version.ts'
import { freePorts } from '../collector/free-ports.ts'
import { putProgram } from '../collector/programs.ts'

/**
 * As much of a collector as processes around it see: it says its version, finds no fault with configurations, takes OTLP, says
 * that it is well, and writes down what came before it was stopped.
 */
const PROGRAM = `#!${process.execPath}
const { createServer } = require('node:http')
const { renameSync, writeFileSync } = require('node:fs')
const { gunzipSync } = require('node:zlib')
if (process.argv[2] === '--version') return console.log('otelcol-contrib version ${COLLECTOR_VERSION}')
if (process.argv[2] === 'validate') return
const { LETTA_OTELCOL_HTTP_PORT, LETTA_OTELCOL_HEALTH_PORT, LETTA_DIR } = process.env
const report = { pid: process.pid, words: process.argv.slice(2), requests: [], stoppedBy: null }
const keep = () => {
  writeFileSync(LETTA_DIR + '/collector.json.new', JSON.stringify(report))
  renameSync(LETTA_DIR + '/collector.json.new', LETTA_DIR + '/collector.json')
}
keep()
createServer((request, response) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk)).on('end', () => {
    const body = Buffer.concat(chunks)
    report.requests.push({ path: request.url, text: (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('latin1') })
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
}).listen(LETTA_OTELCOL_HTTP_PORT, '127.0.0.1', () => {
  createServer((request, response) => {
    response.end('{}')
    const code = /^\\/end\\/(\\d+)/.exec(request.url)
    if (code) process.exit(Number(code[1]))
  }).listen(LETTA_OTELCOL_HEALTH_PORT, '127.0.0.1')
})
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    report.stoppedBy = signal
    keep()
    process.exit(0)
  })
}
`

export interface FakeCollector {
  /** What the example needs to run it. */
  readonly env: Record<string, string>
  readonly health: string
  /** What it wrote down; nothing before it was started. */
  report (): { pid: number, words: string[], requests: Array<{ path: string, text: string }>, stoppedBy: string | null } | undefined
}

/** Makes the program in a directory, which is also `LETTA_DIR`. */
export async function fakeCollector (directory: string): Promise<FakeCollector> {
  mkdirSync(directory, { recursive: true })
  const path = putProgram(join(directory, 'otelcol.cjs'), PROGRAM)
  const env = await freePorts()
  const file = join(directory, 'collector.json')
  return {
    env: { ...env, LETTA_DIR: directory, LETTA_OTELCOL_BINARY: path },
    health: `http://127.0.0.1:${env['LETTA_OTELCOL_HEALTH_PORT']}`,
    report: () => existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  }
}
