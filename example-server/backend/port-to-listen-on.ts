import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { portInUse } from '../environment.ts'

export interface WantedPort {
  /** What a person calls that which is to listen there. */
  readonly what: string
  readonly host: string
  /** 0 for any. */
  readonly port: number
  /** The variable that chooses another port. */
  readonly variable: string
  /** Whether somebody chose this port, so that no other will do. */
  readonly isChosen: boolean
}

/**
 * The wanted port, or, where another process has it, a free one, which is said.
 *
 * @throws {SettingError} another process has a port that somebody chose
 */
export async function portToListenOn ({ what, host, port, variable, isChosen }: WantedPort): Promise<number> {
  const free = await freePort(host, port)
  if (free !== undefined) return free
  if (isChosen) throw portInUse(host, port, variable)
  const other = await freePort(host, 0)
  if (other === undefined) throw portInUse(host, port, variable)
  console.error(`Port ${port} on ${host} is already in use, so the ${what} is on port ${other} this time; ${variable} chooses a port.`)
  return other
}

/** @returns nothing when another process listens there */
async function freePort (host: string, wanted: number): Promise<number | undefined> {
  const server = createServer().listen(wanted, host)
  try {
    await once(server, 'listening')
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw problem
  }
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
