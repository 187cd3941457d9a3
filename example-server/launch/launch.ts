import type { Launcher } from './launcher.ts'

/** Where the processes answer. */
export interface Launched {
  readonly server: string
  /** The model that comes with the example, unless the environment names another. */
  readonly provider: string | undefined
  readonly modelUrl: string
}

/**
 * Starts the model, unless the environment names one, then the server, and waits until both answer.
 *
 * @returns nothing when a process ended before it answered
 */
export async function launch (launcher: Launcher, env: NodeJS.ProcessEnv): Promise<Launched | undefined> {
  const namedModel = env['OPENAI_BASE_URL']?.trim()
  if (namedModel) return await launchServer(launcher, env, { provider: undefined, modelUrl: namedModel })

  // The model's log lines are in the log file with the server's; on the screen they would only repeat them.
  const provider = await launcher.start({ name: 'model', script: 'provider.ts', env, stdout: 'ignore' })
  if (provider === undefined) return undefined
  const modelUrl = `${provider}/v1`
  // A key that is meant for somebody else stays out of it.
  const { OPENAI_API_KEY: _, ...rest } = env
  return await launchServer(launcher, { OPENAI_MODEL: 'example-model', ...rest, OPENAI_BASE_URL: modelUrl }, { provider, modelUrl })
}

async function launchServer (launcher: Launcher, env: NodeJS.ProcessEnv, model: Omit<Launched, 'server'>): Promise<Launched | undefined> {
  const server = await launcher.start({ name: 'agent server', script: 'server.ts', env, stdout: 'inherit' })
  return server === undefined ? undefined : { server, ...model }
}
