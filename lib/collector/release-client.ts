import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici'
import { LETTA_OTEL_INVALID_ENVIRONMENT, describeValue } from '../errors.ts'
import { basic } from '../export/credentials.ts'
import { isRetryable, retryAfterMs } from '../export/retry-policy.ts'
import type { Environment } from '../options/environment.ts'
import type { Patience } from './patience.ts'

const REDIRECTS = [301, 302, 303, 307, 308]
const REDIRECTS_MAX = 10

/** Beside those that OTLP names: a server or a proxy before it that is not ready. */
const RETRYABLE_STATUSES = [408, 500]

/** An answer that will not be better next time. */
export class Refusal extends Error {
  readonly status: number | undefined

  constructor (message: string, status?: number) {
    super(message)
    this.status = status
  }
}

/** An answer that asks for patience. */
export class Unready extends Error {
  readonly afterMs: number | undefined

  constructor (message: string, afterMs?: number) {
    super(message)
    this.afterMs = afterMs
  }
}

/** Fetches files over HTTP, through the proxies that the environment names. */
export class ReleaseClient {
  readonly #agent: Dispatcher

  /**
   * @param ca a certificate to trust in place of those of Node, which honours NODE_EXTRA_CA_CERTS
   * @throws {LETTA_OTEL_INVALID_ENVIRONMENT} a proxy that is no URL
   */
  constructor (env: Environment, { connectMs, stallMs }: Patience, ca?: string) {
    this.#agent = new EnvHttpProxyAgent({
      httpProxy: proxyFrom(env, 'http_proxy'),
      httpsProxy: proxyFrom(env, 'https_proxy'),
      noProxy: variable(env, 'no_proxy')[1],
      // What needs no tunnel is asked of the proxy itself: many open tunnels to port 443 alone.
      proxyTunnel: false,
      connect: { timeout: connectMs, ...(ca !== undefined && { ca }) },
      requestTls: { timeout: connectMs, ...(ca !== undefined && { ca }) },
      headersTimeout: stallMs,
      bodyTimeout: stallMs
    })
  }

  /**
   * @returns an answer with a 2xx status or 416, whose body has to be read or dumped
   * @throws {Refusal} or, where the next attempt may do better, {Unready} or what undici throws
   */
  async get (url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let at = url
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
      const answer = await request(withoutUser(at), {
        // Compressed on the way, it would not be the bytes that the checksum is of, nor would ranges be of these.
        headers: { 'user-agent': 'letta-otel', 'accept-encoding': 'identity', ...headers, ...(at.origin === url.origin && authorizationOf(url)) },
        dispatcher: this.#agent,
        signal
      })
      const { statusCode: status } = answer
      if ((status >= 200 && status < 300) || status === 416) return answer
      await answer.body.dump()
      if (!REDIRECTS.includes(status)) throw problemOf(status, answer.headers)
      at = nextOf(at, answer.headers)
    }
    throw new Refusal(`more than ${REDIRECTS_MAX} redirects`)
  }

  async close (): Promise<void> {
    await this.#agent.destroy()
  }
}

/** Lower case wins, as with curl. */
function variable (env: Environment, name: string): readonly [name: string, value: string] {
  const upper = name.toUpperCase()
  const lower = env[name]?.trim() ?? ''
  return lower === '' ? [upper, env[upper]?.trim() ?? ''] : [name, lower]
}

function proxyFrom (env: Environment, name: string): string {
  const [found, value] = variable(env, name)
  if (value === '' || (URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol))) return value
  throw new LETTA_OTEL_INVALID_ENVIRONMENT(found, describeValue(value), 'use an http: or https: URL such as http://127.0.0.1:3128')
}

function withoutUser (url: URL): URL {
  return Object.assign(new URL(url), { username: '', password: '' })
}

function authorizationOf ({ username, password }: URL): { authorization: string } | false {
  if (username === '' && password === '') return false
  return { authorization: basic(username, password) }
}

type Headers = Dispatcher.ResponseData['headers']

export function headerOf (headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

function problemOf (status: number, headers: Headers): Refusal | Unready {
  const message = `the server answered ${status}`
  if (!isRetryable(status) && !RETRYABLE_STATUSES.includes(status)) return new Refusal(message, status)
  return new Unready(message, retryAfterMs(headerOf(headers, 'retry-after'), Date.now()))
}

/** @throws {Refusal} to nowhere, or from a connection that nobody can read to one that anybody can */
function nextOf (from: URL, headers: Headers): URL {
  const location = headerOf(headers, 'location')
  if (location === undefined || !URL.canParse(location, from.href)) throw new Refusal('a redirect without a place to go')
  const to = new URL(location, from)
  if (to.protocol !== 'https:' && to.protocol !== from.protocol) throw new Refusal(`a redirect from ${from.protocol} to ${to.protocol}`)
  return to
}
