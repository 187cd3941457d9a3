import { numberFrom, portFrom, textFrom } from '../environment.ts'

/** How the example's model behaves. */
export interface ModelBehaviour {
  /** Share of calls that fail, from 0 to 1. */
  readonly failureRate: number
  /** Milliseconds until the first token, on average. */
  readonly firstTokenMs: number
  /** Milliseconds between two tokens, on average. */
  readonly tokenMs: number
  /** A number from 0 to below 1, different each time. */
  readonly random: () => number
}

export interface ProviderSettings {
  readonly port: number
  readonly logLevel: string
  readonly behaviour: ModelBehaviour
}

export function providerSettings (): ProviderSettings {
  return {
    port: portFrom('PROVIDER_PORT', 8284),
    logLevel: textFrom('LOG_LEVEL') ?? 'info',
    behaviour: {
      failureRate: numberFrom('PROVIDER_FAILURE_RATE', 0.03, 0, 1),
      firstTokenMs: numberFrom('PROVIDER_FIRST_TOKEN_MS', 150, 0, 60_000),
      tokenMs: numberFrom('PROVIDER_TOKEN_MS', 15, 0, 10_000),
      random: Math.random
    }
  }
}
