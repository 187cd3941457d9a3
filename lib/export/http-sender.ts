import { Agent as HttpAgent, request as requestHttp, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { constants, gzip, zstdCompress } from 'node:zlib'
import { withoutCredentials } from '../errors.ts'
import type { EndpointSettings, OnProblem, TlsFiles } from './carrier.ts'
import { basic, secretsOf } from './credentials.ts'
import type { OutgoingRequest } from './parcel.ts'
import { readPartialSuccess } from './partial-success.ts'
import { isRetryable, retryAfterMs, type SendOutcome } from './retry-policy.ts'
import type { Sender } from './sender.ts'

/** An endpoint and how it is spoken to. */
export interface SenderOptions extends EndpointSettings {
  readonly url: string
}

/** What an attempt met on the wire: an answer, or the code of what kept it from one. */
export type Attempt = { readonly status: number, readonly date: string | undefined } | { readonly code: string }

type Encoding = 'gzip' | 'zstd'

const COMPRESS: Readonly<Record<Encoding, (body: Uint8Array) => Promise<Buffer>>> = {
  // The application's processors have better things to do than the last few percent.
  gzip: body => promisify(gzip)(body, { level: constants.Z_BEST_SPEED }),
  zstd: promisify(zstdCompress)
}

/** An answer is small, and who sends more does not speak OTLP. */
const ANSWER_BYTES_MAX = 64 * 1024

/** Characters of an endpoint's own words that are told. */
const MESSAGE_MAX = 200

const CONTENT_TOO_LARGE = 413
/** A collector's receiver answers 400 to it, and says so in these words of Go's package for HTTP. */
const BAD_REQUEST = 400
const TOO_LARGE = 'request body too large'

const TIMED_OUT = 'ETIMEDOUT'
const SWITCHED = 'EPROTO'

/** Sends requests to one OTLP/HTTP endpoint over connections that are kept. One attempt a call. */
export class HttpSender implements Sender {
  readonly #options: RequestOptions
  readonly #start: typeof requestHttp
  readonly #agent: HttpAgent
  readonly #timeoutMs: number
  readonly #encoding: Encoding | undefined
  readonly #location: string
  readonly #secrets: readonly string[]
  readonly #onAttempt: ((attempt: Attempt) => void) | undefined

  /** @param onAttempt told what an outcome leaves out, for someone who has to explain it */
  constructor ({ url, headers = {}, timeoutMs = 10_000, compression, tls = {} }: SenderOptions, onProblem: OnProblem, onAttempt?: (attempt: Attempt) => void) {
    const { protocol, hostname, port, pathname, search, username, password } = new URL(url)
    const authorization = username === '' && password === '' ? {} : { authorization: basic(username, password) }
    const secure = protocol === 'https:'
    // Of an IPv6 address, URL keeps the brackets.
    const host = hostname.replace(/^\[|\]$/g, '')
    const chosen = compression ?? (isLoopback(host) ? 'none' : 'gzip')
    this.#encoding = chosen === 'none' ? undefined : chosen
    this.#location = withoutCredentials(url)
    this.#secrets = secretsOf(url, Object.values({ ...authorization, ...headers }))
    this.#timeoutMs = timeoutMs
    this.#onAttempt = onAttempt
    this.#start = secure ? requestHttps : requestHttp
    this.#agent = secure ? new HttpsAgent({ keepAlive: true, ...readTlsFiles(tls, onProblem) }) : new HttpAgent({ keepAlive: true })
    this.#options = {
      agent: this.#agent,
      host,
      port,
      path: `${pathname}${search}`,
      method: 'POST',
      headers: {
        'user-agent': 'letta-otel',
        ...authorization,
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
        'content-type': 'application/x-protobuf',
        ...this.#encoding === undefined ? {} : { 'content-encoding': this.#encoding }
      }
    }
  }

  /** Never rejects. A connection that the endpoint closed while nothing was sent is no failure: another is opened. */
  async send ({ signal, body }: Pick<OutgoingRequest, 'signal' | 'body'>, abort?: AbortSignal): Promise<SendOutcome> {
    try {
      const content = this.#encoding === undefined ? body : await COMPRESS[this.#encoding](body)
      return await this.#attempt(content, abort).catch(async (failure: Failure) => {
        if (failure.onReusedConnection !== true) throw failure
        return await this.#attempt(content, abort)
      })
    } catch (failure) {
      return this.#outcomeOf(failure as Failure, signal, abort)
    }
  }

  async close (): Promise<void> {
    this.#agent.destroy()
  }

  async #attempt (content: Uint8Array, abort: AbortSignal | undefined): Promise<SendOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<SendOutcome>()
    const headers = { ...this.#options.headers, 'content-length': content.length }
    const request = this.#start({ ...this.#options, headers, ...abort === undefined ? {} : { signal: abort } })
    const timer = setTimeout(() => { request.destroy(failureOf(TIMED_OUT)) }, this.#timeoutMs).unref()
    // Without a listener, Node ends a connection that switches to another protocol, and tells nobody.
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      reject(failureOf(SWITCHED))
    })
    // An export must not keep a process alive that has nothing else to do.
    request.on('socket', socket => { socket.unref() })
    request.on('response', response => { readAnswer(response).then(answer => { resolve(this.#judge(response, answer, request.writableFinished)) }, reject) })
    request.on('error', (error: Failure) => {
      reject(Object.assign(error, { onReusedConnection: isClosedConnection(request, error) }))
    })
    request.end(content)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      // Who has answered reads no more of it, and its connection is of no use to others.
      if (!request.writableFinished) request.destroy()
    }
  }

  #judge ({ statusCode = 0, headers }: IncomingMessage, answer: Uint8Array, isRead: boolean): SendOutcome {
    this.#onAttempt?.({ status: statusCode, date: headers.date })
    if (statusCode >= 200 && statusCode < 300) {
      const { rejected, message } = readPartialSuccess(answer)
      if (rejected === 0 && message === '') return { result: 'accepted', rejected, isRead }
      return { result: 'accepted', rejected, isRead, problem: `${this.#location} took a part only: ${this.#withoutSecrets(message)}` }
    }
    const problem = `${this.#location} answered ${statusCode}`
    if (isTooLarge(statusCode, answer)) return { result: 'rejected', problem: `${problem} (${TOO_LARGE})`, isTooLarge: true }
    if (!isRetryable(statusCode)) return { result: 'rejected', problem }
    return { result: 'retryable', afterMs: retryAfterMs(headers['retry-after'], Date.now()), problem }
  }

  /** An endpoint may repeat what it was sent. */
  #withoutSecrets (message: string): string {
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, '…'), message).slice(0, MESSAGE_MAX)
  }

  /** Of an error only its code is told: its text may hold addresses and what was sent. */
  #outcomeOf ({ code, name }: Failure, signal: string, abort: AbortSignal | undefined): SendOutcome {
    if (abort?.aborted === true) return { result: 'aborted' }
    this.#onAttempt?.({ code: code ?? name })
    const problem = code === TIMED_OUT
      ? `${this.#location} did not answer within ${this.#timeoutMs} ms`
      : `${signal} cannot be sent to ${this.#location} (${code ?? name})`
    // Node refuses a header or a path that cannot be written: no attempt will be any better.
    if (code?.startsWith('ERR_INVALID') === true || code === 'ERR_UNESCAPED_CHARACTERS') return { result: 'rejected', problem }
    return { result: 'retryable', problem }
  }
}

type Failure = Error & { code?: string, onReusedConnection?: boolean }

function failureOf (code: string): Failure {
  return Object.assign(new Error(code), { code })
}

/** Resolves with as much of the answer as counts; what comes after is not waited for. */
async function readAnswer (response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > ANSWER_BYTES_MAX) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function isTooLarge (status: number, answer: Uint8Array): boolean {
  return status === CONTENT_TOO_LARGE || (status === BAD_REQUEST && Buffer.from(answer).includes(TOO_LARGE))
}

function isClosedConnection (request: ClientRequest, { code }: Failure): boolean {
  return request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
}

function isLoopback (host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host)
}

/** What can be read of the files; the rest is told. */
export function readTlsFiles (files: TlsFiles, onProblem: OnProblem): Record<string, Buffer> {
  const read: Record<string, Buffer> = {}
  for (const [name, path] of Object.entries(files)) {
    if (path === undefined) continue
    try {
      read[name] = readFileSync(path as string)
    } catch (problem) {
      onProblem(`the file ${path} for TLS cannot be read (${(problem as NodeJS.ErrnoException).code})`)
    }
  }
  return read
}
