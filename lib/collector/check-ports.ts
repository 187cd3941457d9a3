import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Check } from './preflight.ts'
import type { Setting } from './settings.ts'

const LOOPBACK = '127.0.0.1'
const PORT_MAX = 65_535

/** Whether each port is one, is meant for one thing alone, and can be listened on. */
export async function checkPorts (settings: readonly Setting[]): Promise<Check[]> {
  const host = settings.find(({ name }) => name === 'LETTA_OTELCOL_HOST')?.value ?? LOOPBACK
  const ports = settings.filter(({ kind }) => kind === 'port')
  return await Promise.all(ports.map(async ({ name, value, meaning }): Promise<Check> => {
    const twin = ports.find(other => other.name !== name && other.value === value)
    const problem = !isPort(value)
      ? `${JSON.stringify(value)} is no port: use a whole number from 1 to ${PORT_MAX}`
      : twin !== undefined ? `${value} is the port of ${twin.name} too` : await obstacle(Number(value), host)
    return { kind: 'port', what: value, meaning, problem: problem === undefined ? undefined : `${problem}${isPort(value) ? `. Free it, or set ${name} to another` : ''}` }
  }))
}

function isPort (value: string): boolean {
  return /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= PORT_MAX
}

/** Of a wildcard address, somebody on the loopback address is in the way on some systems only when that one is asked for. */
async function obstacle (port: number, host: string): Promise<string | undefined> {
  for (const address of new Set([LOOPBACK, host])) {
    const server = createServer()
    try {
      server.listen({ port, host: address, exclusive: true })
      await once(server, 'listening')
    } catch (problem) {
      return reasonOf((problem as NodeJS.ErrnoException).code, address)
    } finally {
      server.close()
    }
  }
  return undefined
}

function reasonOf (code: string | undefined, host: string): string {
  switch (code) {
    case 'EADDRINUSE': return `another process listens on it (${host})`
    case 'EACCES': return 'it may not be listened on without more rights'
    case 'EADDRNOTAVAIL': case 'ENOTFOUND': return `${host} is no address of this machine`
    default: return `it cannot be listened on (${code} on ${host})`
  }
}
