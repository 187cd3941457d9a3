import { timingSafeEqual, createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Why a request is sent away. */
export interface Refusal {
  readonly status: 401 | 403
  readonly message: string
}

const LOOPBACK_NAME = /^(?:localhost|(?:[a-z0-9-]+\.)+localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

/** Whether an address or name is that of this machine alone. */
export function isLoopback (host: string): boolean {
  return LOOPBACK_NAME.test(host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)
}

/**
 * Keeps out who has no business here: pages of other sites, which a browser lets send requests to this machine, also under a name of
 * their own that leads here; and, where a token is set, everybody without it.
 */
export class Guard {
  readonly #token: Buffer | undefined

  /** @param token that every request has to bring; without one, only names of this machine are answered */
  constructor (token?: string) {
    this.#token = token === undefined ? undefined : digest(token)
  }

  /**
   * @param isPage whether the address is that of a page, to which links of other sites may lead
   * @param credential what the request brings as its token, if it brings one elsewhere than in `Authorization`
   */
  check (headers: IncomingHttpHeaders, isPage: boolean, credential?: string): Refusal | undefined {
    const { host = '', origin } = headers
    if (this.#token === undefined && !isLoopback(hostName(host))) {
      return { status: 403, message: `Host ${JSON.stringify(host.slice(0, 100))} is not this machine: use localhost or 127.0.0.1` }
    }
    if (origin !== undefined && !isSameHost(origin, host)) {
      return { status: 403, message: `Origin ${JSON.stringify(origin.slice(0, 100))} is another site` }
    }
    // Images, frames and forms of other sites send no Origin with GET, and other ports of this machine are the same site.
    if (/^(?:cross|same)-site$/.test(headers['sec-fetch-site'] as string ?? '') && !(isPage && followsLink(headers))) {
      return { status: 403, message: 'the request comes from another site' }
    }
    if (this.#token === undefined) return undefined
    const given = credential ?? tokenIn(headers.authorization)
    if (given !== undefined && timingSafeEqual(digest(given), this.#token)) return undefined
    return { status: 401, message: 'the token is missing or wrong: send it as "Authorization: Bearer <token>", or as password' }
  }
}

/** Somebody sees what is answered: it is no frame, which another site could hide. */
function followsLink (headers: IncomingHttpHeaders): boolean {
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
}

function hostName (host: string): string {
  return host.replace(/:\d+$/, '')
}

function isSameHost (origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host
}

/** Browsers ask for a password, exporters and scripts have a bearer token. */
function tokenIn (authorization = ''): string | undefined {
  const [scheme = '', credentials = ''] = authorization.split(' ')
  switch (scheme.toLowerCase()) {
    case 'bearer': return credentials
    case 'basic': return Buffer.from(credentials, 'base64').toString().replace(/^[^:]*:/, '')
    default: return undefined
  }
}

/** Of equal length, whatever was given. */
function digest (token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
