import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { Turns } from '../../store/turns.ts'
import type { Guard } from '../guard/guard.ts'
import { SECURITY_HEADERS } from '../guard/security-headers.ts'
import { answerQuery, type QueryAnswer } from './answer-query.ts'
import { Exception } from './exception.ts'
import { readQueryRequest, type QueryRequest } from './query-request.ts'
import { Budget } from './budget.ts'
import { readRequestBody } from './request-body.ts'
import { sendAnswer } from './send-answer.ts'
import { Sessions } from './sessions.ts'
import { StatementParser } from './statement-parser.ts'

export interface ClickhouseServerOptions {
  readonly guard: Guard
  readonly openSession: () => EmbeddedSession
  /** Where rows are written before they are inserted, and answers before they are sent; of this process alone. */
  readonly directory: string
}

/** Requests that the engine works on at a time; each takes a thread of libuv's pool. */
const AT_A_TIME = 6
const BODY_MAX = 256 * 1024 * 1024
/** Of all bodies together. */
const BODIES_MAX = 2 * BODY_MAX
/** Of all answers that clients have not read yet. */
const ANSWERS_MAX = 512 * 1024 * 1024
/** A form holds a statement and its parameters. */
const FORM_MAX = 16 * 1024 * 1024

/** ClickHouse's HTTP interface, as far as its clients need it, over the embedded engine. */
export class ClickhouseServer {
  readonly http: Server
  readonly #options: ClickhouseServerOptions
  readonly #sessions: Sessions
  readonly #parser: StatementParser
  readonly #turns = new Turns(AT_A_TIME)
  readonly #bodies = new Budget(BODIES_MAX, 'bodies of requests')
  readonly #answers = new Budget(ANSWERS_MAX, 'answers that are not read yet')

  constructor (options: ClickhouseServerOptions) {
    this.#options = options
    this.#sessions = new Sessions(options.openSession)
    this.#parser = new StatementParser(options.openSession())
    this.http = createServer((request, response) => { this.#answer(request, response).catch(() => { response.destroy() }) })
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
    const { asked, answer } = await this.#query(request, response, url)
    try {
      await sendAnswer(request, response, asked, answer)
    } finally {
      this.#answers.give(answer.held)
    }
  }

  async #query (request: IncomingMessage, response: ServerResponse, url: URL): Promise<{ asked: QueryRequest, answer: QueryAnswer }> {
    const body = await readRequestBody(request, BODY_MAX, this.#bodies)
    try {
      return await this.#ask(request, response, url, body)
    } finally {
      this.#bodies.give(body.length)
    }
  }

  async #ask (request: IncomingMessage, response: ServerResponse, url: URL, body: Buffer): Promise<{ asked: QueryRequest, answer: QueryAnswer }> {
    const form = await formOf(request, body)
    const asked = readQueryRequest(request, [...url.searchParams, ...form ?? []])
    // It becomes a header of the answer, which is refused only after the statement ran.
    if (asked.queryId !== undefined && !/^[\x20-\x7e]*$/.test(asked.queryId)) throw Exception.of(36, 'BAD_ARGUMENTS', 'query_id has characters that no header may have: use printable ones of ASCII')
    const { directory } = this.#options
    const tools = { directory, answers: this.#answers, kill: async (sql: string) => await this.#parser.kill(sql), maxBodyBytes: BODY_MAX, bodies: this.#bodies, parser: this.#parser }
    const answer = await this.#turns.take(async () => {
      // Nothing can stop what has begun; what has not, nobody waits for any more.
      if (response.destroyed) throw Exception.of(394, 'QUERY_WAS_CANCELLED', 'the client has left')
      return await this.#sessions.use(asked.session, async session =>
        await answerQuery(session, asked, form === undefined ? body : Buffer.alloc(0), tools))
    })
    return { asked, answer }
  }
}

/** Long queries and their parameters may come as a form. */
async function formOf ({ headers }: IncomingMessage, body: Buffer): Promise<Array<[string, string]> | undefined> {
  const type = headers['content-type'] ?? ''
  if (!type.startsWith('multipart/form-data')) return undefined
  if (body.length > FORM_MAX) throw Exception.of(131, 'TOO_LARGE_STRING_SIZE', `the form has more than ${FORM_MAX} bytes`)
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData().catch(() => {
    throw Exception.of(36, 'BAD_ARGUMENTS', 'the form cannot be read')
  })
  return [...form].map(([name, value]) => {
    if (typeof value === 'string') return [name, value]
    throw Exception.of(48, 'NOT_IMPLEMENTED', `external table ${JSON.stringify(name.slice(0, 100))}: make a temporary one, in a session`)
  })
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
