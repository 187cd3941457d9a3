import { once } from 'node:events'
import { createServer } from 'node:net'
import { LOOPBACK, hostOfSocket, reachableHost } from './host.ts'
import type { Check } from './preflight.ts'
import type { Setting } from './settings.ts'

const PORT_MAX = 65_535
/** What they show is for this machine, wherever the others listen. */
const LOOPBACK_ALONE = ['LETTA_OTELCOL_PPROF_PORT', 'LETTA_OTELCOL_ZPAGES_PORT']
const TAKEN = 'another process listens on it'
const LEFT_BEHIND = 'it is probably a collector that runs already, also one that was left behind by a start that was killed with SIGKILL'

/** Whether each port is one, is meant for one thing alone, and can be listened on. */
export async function checkPorts (settings: readonly Setting[]): Promise<Check[]> {
  const host = hostOfSocket(settings.find(({ name }) => name === 'LETTA_OTELCOL_HOST')?.value ?? LOOPBACK)
  const ports = settings.filter(({ kind }) => kind === 'port')
  const problems = await Promise.all(ports.map(async ({ name, value }): Promise<string | undefined> => {
    const twin = ports.find(other => other.name !== name && other.value === value)
    return !isPort(value)
      ? `${JSON.stringify(value)} is no port: use a whole number from 1 to ${PORT_MAX}`
      : twin !== undefined ? `${value} is the port of ${twin.name} too. Set ${name} to another` : await obstacle(Number(value), LOOPBACK_ALONE.includes(name) ? LOOPBACK : host)
  }))
  const taken = problems.flatMap((problem, index) => problem?.startsWith(TAKEN) === true ? [index] : [])
  const adviceOf = (index: number, name: string): string => {
    if (!taken.includes(index)) return ''
    const guess = taken.length > 1 && taken[0] === index ? `; as ${taken.length} ports are taken, ${LEFT_BEHIND}` : ''
    return `${guess}. Free it, or set ${name} to another`
  }
  return ports.map(({ name, value, meaning }, index) => {
    const problem = problems[index]
    return { kind: 'port', what: value, meaning, problem: problem === undefined ? undefined : `${problem}${adviceOf(index, name)}` }
  })
}

function isPort (value: string): boolean {
  return /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= PORT_MAX
}

/** Of a wildcard address, somebody on a loopback address is in the way on some systems only when that one is asked for. */
async function obstacle (port: number, host: string): Promise<string | undefined> {
  const reachable = reachableHost(host)
  for (const address of new Set([reachable, host])) {
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
    case 'EADDRINUSE': return `${TAKEN} (${host})`
    case 'EACCES': return 'it may not be listened on without more rights: use a port from 1024 on'
    case 'EADDRNOTAVAIL': case 'ENOTFOUND': case 'EAI_AGAIN': return `${host} is no address of this machine. Set LETTA_OTELCOL_HOST to one, or leave it out`
    default: return `it cannot be listened on (${code} on ${host}). Set it, or LETTA_OTELCOL_HOST, to another`
  }
}
