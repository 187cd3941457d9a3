import type { Launcher } from './launcher.ts'
import type { StartOptions } from './start-options.ts'

/** Where the processes answer. */
export interface Launched {
  readonly server: string
  /** The model that comes with the example, unless the environment names another. */
  readonly provider: string | undefined
  readonly modelUrl: string
  /** Where telemetry is sent; nothing without a collector. */
  readonly collector: string | undefined
}

/**
 * Starts the collector, if one is asked for, the model, unless the environment names one, then the server, and waits until all
 * of them answer.
 *
 * @returns nothing when a process ended before it answered
 */
export async function launch (launcher: Launcher, env: NodeJS.ProcessEnv, { collector: args }: StartOptions): Promise<Launched | undefined> {
  if (args === undefined) return await launchModel(launcher, env, { collector: undefined })
  const collector = await launcher.start({ name: 'collector', script: 'collector.ts', args, env, stdout: 'inherit' })
  return collector === undefined ? undefined : await launchModel(launcher, { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector }, { collector })
}

async function launchModel (launcher: Launcher, env: NodeJS.ProcessEnv, before: Pick<Launched, 'collector'>): Promise<Launched | undefined> {
  const namedModel = env['OPENAI_BASE_URL']?.trim()
  if (namedModel) return await launchServer(launcher, env, { ...before, provider: undefined, modelUrl: namedModel })

  // The model's log lines are in the log file with the server's; on the screen they would only repeat them.
  const provider = await launcher.start({ name: 'model', script: 'provider.ts', env, stdout: 'ignore' })
  if (provider === undefined) return undefined
  const modelUrl = `${provider}/v1`
  // A key that is meant for somebody else stays out of it.
  const { OPENAI_API_KEY: _, ...rest } = env
  return await launchServer(launcher, { OPENAI_MODEL: 'example-model', ...rest, OPENAI_BASE_URL: modelUrl }, { ...before, provider, modelUrl })
}

async function launchServer (launcher: Launcher, env: NodeJS.ProcessEnv, before: Omit<Launched, 'server'>): Promise<Launched | undefined> {
  const server = await launcher.start({ name: 'agent server', script: 'server.ts', env, stdout: 'inherit' })
  return server === undefined ? undefined : { server, ...before }
}
