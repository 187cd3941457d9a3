import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { Turns } from '../../store/turns.ts'
import type { Guard } from '../guard/guard.ts'
import { SECURITY_HEADERS } from '../guard/security-headers.ts'
import { answerQuery, type QueryAnswer } from './answer-query.ts'
import { contentTypeOf } from './content-types.ts'
import { Exception } from './exception.ts'
import { readQueryRequest, type QueryRequest } from './query-request.ts'
import { BodyBudget, readRequestBody } from './request-body.ts'
import { Sessions } from './sessions.ts'
import { StatementParser } from './statement-parser.ts'

export interface ClickhouseServerOptions {
  readonly guard: Guard
  readonly openSession: () => EmbeddedSession
  /** Where rows are written before they are inserted; of this process alone. */
  readonly directory: string
}

/** Requests that the engine works on at a time; each takes a thread of libuv's pool. */
const AT_A_TIME = 6
const BODY_MAX = 256 * 1024 * 1024
/** Of all bodies together. */
const BODIES_MAX = 2 * BODY_MAX
/** Less than this is not worth compressing. */
const COMPRESSED_MIN = 1_024

/** ClickHouse's HTTP interface, as far as its clients need it, over the embedded engine. */
export class ClickhouseServer {
  readonly http: Server
  readonly #options: ClickhouseServerOptions
  readonly #sessions: Sessions
  readonly #parser: StatementParser
  readonly #turns = new Turns(AT_A_TIME)
  readonly #budget = new BodyBudget(BODIES_MAX)

  constructor (options: ClickhouseServerOptions) {
    this.#options = options
    this.#sessions = new Sessions(options.openSession)
    this.#parser = new StatementParser(options.openSession())
    this.http = createServer((request, response) => { void this.#answer(request, response) })
  }

  async close (): Promise<void> {
    const closed = new Promise<void>(resolve => { this.http.close(() => { resolve() }) })
    this.http.closeIdleConnections()
    await closed
    this.#sessions.close()
    this.#parser.close()
  }

  async #answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.http.listening) response.setHeader('connection', 'close')
    try {
      await this.#route(request, response)
    } catch (problem) {
      sendException(response, problem instanceof Exception ? problem : Exception.of(1002, 'UNKNOWN_EXCEPTION', (problem as Error).message))
    }
  }

  async #route (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: target = '/' } = request
    const url = new URL(`http://localhost${target.startsWith('/') ? target : '/'}`)
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
    const header = request.headers['x-clickhouse-key']
    const refusal = this.#options.guard.check(request.headers, false, url.searchParams.get('password') ?? (typeof header === 'string' ? header : undefined))
    if (refusal !== undefined) throw refusal.status === 401 ? Exception.of(516, 'AUTHENTICATION_FAILED', `Authentication failed: ${refusal.message}`) : Exception.of(497, 'ACCESS_DENIED', refusal.message)
    switch (url.pathname) {
      case '/ping': case '/replicas_status': response.end('Ok.\n'); return
      case '/': break
      default: throw Exception.of(60, 'UNKNOWN_TABLE', `there is nothing at ${url.pathname.slice(0, 100)}: send queries to /`)
    }
    if (request.method !== 'GET' && request.method !== 'POST' && request.method !== 'HEAD') throw Exception.of(48, 'NOT_IMPLEMENTED', `use POST, not ${request.method}`)
    const hasQuestion = url.searchParams.has('query') || request.method === 'POST'
    if (!hasQuestion) {
      response.end('Ok.\n')
      return
    }
    const body = await readRequestBody(request, BODY_MAX, this.#budget)
    try {
      await this.#query(request, response, url, body)
    } finally {
      this.#budget.give(body.length)
    }
  }

  async #query (request: IncomingMessage, response: ServerResponse, url: URL, body: Buffer): Promise<void> {
    const form = await formOf(request, body)
    const asked = readQueryRequest(request, [...url.searchParams, ...form ?? []])
    // It becomes a header of the answer, which is refused only after the statement ran.
    if (asked.queryId !== undefined && !/^[\x20-\x7e]*$/.test(asked.queryId)) throw Exception.of(36, 'BAD_ARGUMENTS', 'query_id has characters that no header may have: use printable ones of ASCII')
    const { directory } = this.#options
    const answer = await this.#turns.take(async () => await this.#sessions.use(asked.session, async session =>
      await answerQuery(session, asked, form === undefined ? body : Buffer.alloc(0), { directory, maxBodyBytes: BODY_MAX, parser: this.#parser })))
    send(request, response, asked, answer)
  }
}

/** Long queries and their parameters may come as a form. */
async function formOf ({ headers }: IncomingMessage, body: Buffer): Promise<Array<[string, string]> | undefined> {
  const type = headers['content-type'] ?? ''
  if (!type.startsWith('multipart/form-data')) return undefined
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData().catch(() => {
    throw Exception.of(36, 'BAD_ARGUMENTS', 'the form cannot be read')
  })
  return [...form].map(([name, value]) => {
    if (typeof value === 'string') return [name, value]
    throw Exception.of(48, 'NOT_IMPLEMENTED', `external table ${JSON.stringify(name.slice(0, 100))}: make a temporary one, in a session`)
  })
}

function send (request: IncomingMessage, response: ServerResponse, { queryId, acceptsEncoding }: QueryRequest, { format, bytes }: QueryAnswer): void {
  response.setHeader('Content-Type', contentTypeOf(format))
  response.setHeader('X-ClickHouse-Format', format)
  response.setHeader('X-ClickHouse-Query-Id', queryId ?? randomUUID())
  response.setHeader('X-ClickHouse-Server-Display-Name', 'letta-otel')
  response.setHeader('X-ClickHouse-Timezone', 'UTC')
  response.setHeader('X-ClickHouse-Summary', '{"read_rows":"0","read_bytes":"0","written_rows":"0","written_bytes":"0","total_rows_to_read":"0","result_rows":"0","result_bytes":"0","elapsed_ns":"0"}')
  const accepted = String(request.headers['accept-encoding'] ?? '')
  let sent = bytes
  if (acceptsEncoding && bytes.length >= COMPRESSED_MIN) {
    const encoding = ['zstd', 'gzip'].find(name => accepted.includes(name))
    if (encoding !== undefined) {
      sent = encoding === 'zstd' ? zstdCompressSync(bytes) : gzipSync(bytes)
      response.setHeader('Content-Encoding', encoding)
    }
  }
  response.setHeader('Content-Length', sent.length)
  response.end(request.method === 'HEAD' ? undefined : sent)
}

function sendException (response: ServerResponse, { code, status, message }: Exception): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  // What is left of the body is not read.
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8', 'X-ClickHouse-Exception-Code': code, Connection: 'close' })
  response.end(`${message}\n`)
}
