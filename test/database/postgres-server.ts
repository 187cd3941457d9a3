import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../fixtures/free-port.ts'

/** How a client reaches a server that was started for a test. */
export interface PostgresServer {
  readonly connection: { readonly host: string, readonly port: number, readonly user: string, readonly database: string }
  /** Ends it as a crash would, for its clients to notice. */
  kill (): Promise<void>
  stop (): Promise<void>
}

/** Directory of the newest version's programs, as Debian installs them, or of those in the PATH. */
const programs = [...globSync('/usr/lib/postgresql/*/bin/').sort(), ...(process.env['PATH'] ?? '').split(':')]
  .findLast((directory, index, all) => isComplete(directory) && (directory.startsWith('/usr/lib/') || !all.slice(0, index).some(isComplete)))

function isComplete (directory: string): boolean {
  return ['initdb', 'postgres'].every(name => existsSync(join(directory, name)))
}

/** Why there is no server; undefined where there can be one. In CI there has to be. */
export function reasonWithoutPostgres (): string | undefined {
  if (programs !== undefined) return undefined
  const reason = 'PostgreSQL is not installed: apt-get install postgresql'
  if (process.env['CI'] !== undefined) throw new Error(reason)
  return reason
}

/** Starts a server in a data directory of its own, on a port of its own, that keeps nothing when it ends. */
export async function startPostgres (): Promise<PostgresServer> {
  if (programs === undefined) throw new Error(reasonWithoutPostgres())
  const directory = mkdtempSync(join(tmpdir(), 'letta-otel-postgres-'))
  const user = serverUser()
  if (user !== undefined) chownSync(directory, user.uid, user.gid)
  const data = join(directory, 'data')
  const options: SpawnOptions = { ...user, cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], LC_ALL: 'C' } }
  const made = spawnSync(join(programs, 'initdb'), ['--pgdata', data, '--username', 'tester', '--auth', 'trust', '--encoding', 'UTF8', '--no-locale', '--no-sync'], { ...options, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`)
  const port = await freePort()
  const server = spawn(join(programs, 'postgres'), [
    '-D', data, '-p', String(port), '-k', directory, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'
  ], options)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    process.off('exit', killNow)
    if (server.exitCode === null && server.signalCode === null) {
      server.kill(signal)
      await once(server, 'close')
    }
  }
  const killNow = (): void => { server.kill('SIGQUIT') }
  process.once('exit', killNow)
  await untilReady(server)
  return {
    connection: { host: '127.0.0.1', port, user: 'tester', database: 'postgres' },
    kill: async () => { await end('SIGQUIT') },
    async stop () {
      await end('SIGINT')
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

/** The server refuses to run as root: then it is the user whom its package made. */
function serverUser (): { uid: number, gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string): number => {
    const { status, stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' })
    if (status !== 0) throw new Error('there is no user postgres, and the server refuses to run as root')
    return Number(stdout)
  }
  return { uid: id('-u'), gid: id('-g') }
}

async function untilReady (server: ChildProcess): Promise<void> {
  let said = ''
  await new Promise<void>((resolve, reject) => {
    server.once('exit', code => { reject(new Error(`postgres ended with ${code}: ${said}`)) })
    server.stderr?.on('data', chunk => {
      said += String(chunk)
      if (said.includes('ready to accept connections')) resolve()
    })
  })
}
