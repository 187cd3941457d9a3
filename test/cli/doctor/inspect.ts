import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { Inspection, type InspectionSettings } from '../../../lib/cli/doctor/inspection.ts'

/** Where nothing is: in the home directory of whoever runs the tests there may be a store, and opening it takes a second each time. */
const NOWHERE = join(tmpdir(), `letta-otel-nowhere-${process.pid}`)

/** Looks with the environment of a test alone. Before 22.18, Node runs these sources only when it is told to. */
export function inspect (env: Record<string, string>, settings: Partial<InspectionSettings> = {}): Inspection {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const options = major === 22 && minor < 18 ? { NODE_OPTIONS: '--experimental-strip-types' } : {}
  return new Inspection({ env: { LETTA_DIR: NOWHERE, ...options, ...env }, timeoutMs: 5_000, ...settings })
}

/** An HTTP server of a test, on a free port. */
export async function serve (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return await listen(server)
}

/** Takes connections, says what `greet` says, and nothing else. */
export async function serveTcp (t: Test, greet: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createTcpServer(socket => {
    sockets.add(socket.on('error', () => {}))
    greet(socket)
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return await listen(server)
}

async function listen (server: TcpServer): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An address at which nobody listens. */
export async function nobody (): Promise<string> {
  const server = createTcpServer()
  const url = await listen(server)
  server.close()
  await once(server, 'close')
  return url
}
