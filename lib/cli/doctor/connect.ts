import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { TlsFiles } from '../../export/carrier.ts'
import { readTlsFiles } from '../../export/http-sender.ts'

/** What came of connecting to an address. */
export interface Connection {
  /** Scheme, host and port. */
  readonly origin: string
  /** The error's code; nothing where the connection stands. */
  readonly code: string | undefined
  /** When the certificate of the other side ends, milliseconds since the epoch; nothing without TLS. */
  readonly certificateEndsAt: number | undefined
}

/** Of a connection that was waited for in vain. */
export const NO_ANSWER = 'ETIMEDOUT'

/** Connects as far as TLS, says nothing, and hangs up. Never rejects. */
export async function connect (url: string, tls: TlsFiles, timeoutMs: number): Promise<Connection> {
  const { protocol, hostname, port, origin } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const secure = protocol === 'https:'
  const result = (code: string | undefined, certificateEndsAt?: number): Connection => ({ origin, code, certificateEndsAt })
  const { promise, resolve } = Promise.withResolvers<Connection>()
  let socket: Socket | undefined
  const timer = setTimeout(() => { resolve(result(NO_ANSWER)) }, timeoutMs)
  try {
    const address = { host, port: Number(port) || (secure ? 443 : 80) }
    socket = secure
      // A name is asked for by that name; an address has none to ask for.
      ? connectTls({ ...address, ...isIP(host) === 0 && { servername: host }, ALPNProtocols: ['http/1.1'], ...readTlsFiles(tls, () => {}) })
      : connectTcp(address)
    socket.once(secure ? 'secureConnect' : 'connect', () => { resolve(result(undefined, secure ? certificateEnd(socket as TLSSocket) : undefined)) })
    socket.once('error', (problem: NodeJS.ErrnoException) => { resolve(result(problem.code ?? problem.name)) })
    // Who takes the connection and hangs up in the middle of TLS says no more than that.
    socket.once('close', () => { resolve(result('ECONNRESET')) })
    return await promise
  } catch (problem) {
    return result((problem as NodeJS.ErrnoException).code ?? (problem as Error).name)
  } finally {
    clearTimeout(timer)
    socket?.destroy()
  }
}

function certificateEnd (socket: TLSSocket): number | undefined {
  const end = Date.parse(socket.getPeerCertificate().valid_to)
  return Number.isNaN(end) ? undefined : end
}
