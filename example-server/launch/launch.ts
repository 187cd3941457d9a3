import type { Announcement } from './child.ts'
import type { Launcher } from './launcher.ts'
import type { StartOptions } from './start-options.ts'

/** Where the processes answer. */
export interface Launched {
  readonly server: string
  /** The model that comes with the example, unless the environment names another. */
  readonly provider: string | undefined
  readonly modelUrl: string
  /** Where telemetry is sent and nothing shows it; nothing without a collector. */
  readonly collector: string | undefined
  /** Where telemetry is sent and shown; nothing without a backend. */
  readonly page: string | undefined
}

type Before = Pick<Launched, 'collector' | 'page'>

/** Milliseconds that spans wait for others, twice: somebody looks at the page and waits for them. */
const SPAN_DELAY_MS = '50'

/**
 * Starts what takes telemetry, if anything is to, then the model, unless the environment names one, then the server, and waits
 * until all of them answer.
 *
 * @returns nothing when a process ended before it answered
 */
export async function launch (launcher: Launcher, env: NodeJS.ProcessEnv, { receiver, words }: StartOptions): Promise<Launched | undefined> {
  switch (receiver) {
    case 'backend': {
      // Without a token nothing has to be told to who sends, and only this machine is listened to.
      const backend = await launcher.start({ name: 'backend', script: 'backend.ts', env: { ...env, LETTA_DEV_TOKEN: '' }, stdout: 'ignore' })
      return backend && await launchModel(launcher, sendingTo(backend, env), { collector: undefined, page: backend.url })
    }
    case 'collector': {
      const collector = await launcher.start({ name: 'collector', script: 'collector.ts', args: words, env, stdout: 'inherit' })
      return collector && await launchModel(launcher, { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, { collector: collector.url, page: undefined })
    }
    case 'none': return await launchModel(launcher, env, { collector: undefined, page: undefined })
  }
}

/** Spans, metrics and log lines go to the backend, and the rows of runs too, unless the environment names a server for them. */
function sendingTo ({ url, clickhouse = '' }: Announcement, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ofStore = env['CLICKHOUSE_ENDPOINT']?.trim()
    ? {}
    : { CLICKHOUSE_ENDPOINT: clickhouse, CLICKHOUSE_DATABASE: '', CLICKHOUSE_CLUSTER: '', CLICKHOUSE_USERNAME: '', CLICKHOUSE_PASSWORD: '' }
  return { OTEL_BSP_SCHEDULE_DELAY: SPAN_DELAY_MS, ...env, ...ofStore, OTEL_EXPORTER_OTLP_ENDPOINT: url }
}

async function launchModel (launcher: Launcher, env: NodeJS.ProcessEnv, before: Before): Promise<Launched | undefined> {
  const namedModel = env['OPENAI_BASE_URL']?.trim()
  if (namedModel) return await launchServer(launcher, env, { ...before, provider: undefined, modelUrl: namedModel })

  // The model's log lines are in the log file with the server's; on the screen they would only repeat them.
  const provider = await launcher.start({ name: 'model', script: 'provider.ts', env, stdout: 'ignore' })
  if (provider === undefined) return undefined
  const modelUrl = `${provider.url}/v1`
  // A key that is meant for somebody else stays out of it.
  const { OPENAI_API_KEY: _, ...rest } = env
  return await launchServer(launcher, { OPENAI_MODEL: 'example-model', ...rest, OPENAI_BASE_URL: modelUrl }, { ...before, provider: provider.url, modelUrl })
}

async function launchServer (launcher: Launcher, env: NodeJS.ProcessEnv, before: Omit<Launched, 'server'>): Promise<Launched | undefined> {
  const server = await launcher.start({ name: 'agent server', script: 'server.ts', env, stdout: 'inherit' })
  return server && { server: server.url, ...before }
}
