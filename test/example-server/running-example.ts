import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const EXAMPLE = fileURLToPath(new URL('../../example-server/', import.meta.url))

/** Node 22 warns of type stripping, which is no output of the example's, and does it only on request before 22.18. */
export const NODE_OPTIONS = ['--disable-warning=ExperimentalWarning', ...(needsStripTypes(process.versions.node) ? ['--experimental-strip-types'] : [])].join(' ')

function needsStripTypes (version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major === 22 && minor < 18
}

/** A process of the example, started as a person would. */
export class ExampleProcess {
  readonly child: ChildProcess
  output = ''

  /** Nothing of this process's environment, which is a test runner's, reaches it. */
  constructor (t: { teardown: (end: () => void) => void }, script: string, env: Readonly<Record<string, string>>, args: readonly string[] = []) {
    this.child = spawn(process.execPath, [`${EXAMPLE}${script}`, ...args],
      { env: { PATH: process.env['PATH'] ?? '', NODE_OPTIONS, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    t.teardown(() => { this.child.kill('SIGKILL') })
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', data => { this.output += String(data) })
  }

  /** What it announces when it answers. */
  async announced (): Promise<{ server: string, provider: string, modelUrl: string, page: string | undefined }> {
    const [message] = await Promise.race([once(this.child, 'message'), this.ended().then(() => { throw new Error(this.output) })])
    return message
  }

  async ended (): Promise<number | null> {
    const [code] = await once(this.child, 'close')
    return code
  }
}

/** A client of the example server. */
export class ExampleClient {
  readonly #url: string

  constructor (url: string) {
    this.#url = url
  }

  async post (path: string, body: object, init: RequestInit = {}): Promise<Response> {
    return await fetch(`${this.#url}${path}`, {
      method: 'POST', body: JSON.stringify(body), ...init, headers: { 'content-type': 'application/json', ...init.headers }
    })
  }

  async say (agentId: string, path: '' | '/stream' | '/async', content: string, init: RequestInit = {}): Promise<Response> {
    return await this.post(`/v1/agents/${agentId}/messages${path}`, { messages: [{ role: 'user', content }] }, init)
  }

  async createAgent (headers: Record<string, string> = {}): Promise<string> {
    const { id } = await (await this.post('/v1/agents', { name: 'Ada' }, { headers })).json() as { id: string }
    return id
  }

  async jobEnd (id: string): Promise<any> {
    for (;;) {
      const job = await (await fetch(`${this.#url}/v1/jobs/${id}`)).json() as { status: string }
      if (job.status !== 'running') return job
      await pause(20)
    }
  }
}
