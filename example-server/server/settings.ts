import type { ModelSettings } from '../agent/model-client.ts'
import { SettingError, flagFrom, numberFrom, portFrom, textFrom, urlFrom } from '../environment.ts'
import { storePlace } from '../store-place.ts'

export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly logLevel: string
  readonly model: ModelSettings
  /** Milliseconds that work in progress gets when the server is closed; then it is cancelled. */
  readonly graceMs: number
  /** Where runs, steps, LLM calls and jobs are kept. */
  readonly store: ReturnType<typeof storePlace>
  /** Whether prompts and answers are kept there too. */
  readonly keepPayloads: boolean
  /** A PostgreSQL database, if there is one: the example itself needs none. */
  readonly databaseUrl: string | undefined
}

export function serverSettings (): ServerSettings {
  const baseUrl = urlFrom('OPENAI_BASE_URL')
  if (baseUrl === undefined) {
    throw new SettingError('OPENAI_BASE_URL is not set: use npm start, which brings a model, or name an OpenAI-compatible API.')
  }
  return {
    host: textFrom('HOST') ?? '127.0.0.1',
    port: portFrom('PORT', 8283),
    logLevel: textFrom('LOG_LEVEL') ?? 'info',
    model: {
      baseUrl,
      apiKey: textFrom('OPENAI_API_KEY'),
      model: textFrom('OPENAI_MODEL') ?? 'gpt-4o-mini',
      timeoutMs: numberFrom('MODEL_TIMEOUT_MS', 60_000, 1, 3_600_000)
    },
    graceMs: numberFrom('SHUTDOWN_GRACE_MS', 3_000, 0, 60_000),
    store: storePlace(process.env),
    keepPayloads: flagFrom('KEEP_PAYLOADS'),
    databaseUrl: textFrom('DATABASE_URL')
  }
}
