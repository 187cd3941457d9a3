import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

const PORTS = ['GRPC', 'HTTP', 'HEALTH', 'METRICS', 'PPROF', 'ZPAGES'].map(name => `LETTA_OTELCOL_${name}_PORT`)

/** Ports for a collector, on which nobody listens. */
export async function freePorts (): Promise<Record<string, string>> {
  const servers = PORTS.map(() => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const entries = servers.map((server, index) => [PORTS[index]!, String((server.address() as AddressInfo).port)])
  await Promise.all(servers.map(server => once(server.close(), 'close')))
  return Object.fromEntries(entries)
}
