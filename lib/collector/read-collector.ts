import { withoutCredentials } from '../errors.ts'
import { basic } from '../export/credentials.ts'
import type { Environment } from '../options/environment.ts'
import { readOwnMetrics, type CollectorFigures } from './own-metrics.ts'

/** Where a collector tells how it is. */
export interface CollectorAddresses {
  readonly health: string
  readonly metrics: string
}

/** What came of asking one address. */
export type Answer<T> =
  /** `url` is without credentials. */
  | { readonly url: string, readonly status: number, readonly content: T }
  /** The code of what kept it from answering. */
  | { readonly url: string, readonly code: string }

export interface CollectorView {
  readonly health: Answer<undefined>
  readonly metrics: Answer<CollectorFigures>
}

const HEALTH_PORT = '13133'
const METRICS_PORT = '8888'

/** Codes beside those of Node: an answer that is not a collector's, and one that does not end. */
export const NO_FIGURES = 'ENODATA'
export const TOO_LONG = 'EMSGSIZE'
const ANSWER_BYTES_MAX = 16 * 1024 * 1024
/** Every collector has some of these, also one that nothing was sent to. */
const FIGURE = /^otelcol_\w+[{ ]/m

/** The ports that the configurations of letta-otel have, on the host that takes telemetry. */
export function usualAddresses (endpoint: string, env: Environment): CollectorAddresses {
  const at = (port: string, path: string): string => {
    const url = new URL(path, endpoint)
    Object.assign(url, { protocol: 'http:', port, username: '', password: '', search: '' })
    return url.href
  }
  return { health: at(portOf(env['LETTA_OTELCOL_HEALTH_PORT']) ?? HEALTH_PORT, '/'), metrics: at(portOf(env['LETTA_OTELCOL_METRICS_PORT']) ?? METRICS_PORT, '/metrics') }
}

/** A URL ignores a port that is none. */
function portOf (text: string | undefined): string | undefined {
  return /^\d{1,5}$/.exec(text?.trim() ?? '')?.[0]
}

/**
 * Never rejects.
 *
 * @param timeoutMs milliseconds that each address has for all of its answer
 */
export async function readCollector ({ health, metrics }: CollectorAddresses, timeoutMs: number): Promise<CollectorView> {
  const [healthAnswer, metricsAnswer] = await Promise.all([
    ask(health, timeoutMs, async ({ body }): Promise<undefined> => { await body?.cancel() }),
    ask(metrics, timeoutMs, boundedText)
  ])
  return { health: healthAnswer, metrics: figuresOf(metricsAnswer) }
}

function figuresOf (answer: Answer<string>): Answer<CollectorFigures> {
  if ('code' in answer) return answer
  if (answer.status === 200 && !FIGURE.test(answer.content)) return { url: answer.url, code: NO_FIGURES }
  return { ...answer, content: readOwnMetrics(answer.content) }
}

async function ask<T> (address: string, timeoutMs: number, read: (response: Response) => Promise<T>): Promise<Answer<T>> {
  const asked = new URL(address)
  const { username, password } = asked
  // Such URLs are refused by fetch().
  Object.assign(asked, { username: '', password: '' })
  const url = withoutCredentials(address)
  try {
    const headers = username === '' && password === '' ? {} : { authorization: basic(username, password) }
    const response = await fetch(asked, { headers, signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' })
    return { url, status: response.status, content: await read(response) }
  } catch (problem) {
    const { name, code, cause } = problem as Error & { code?: string | number, cause?: NodeJS.ErrnoException }
    return { url, code: name === 'TimeoutError' ? 'ETIMEDOUT' : cause?.code ?? (typeof code === 'string' ? code : name) }
  }
}

async function boundedText ({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body ?? []) {
    bytes += part.length
    if (bytes > ANSWER_BYTES_MAX) throw Object.assign(new Error('the answer is too long'), { code: TOO_LONG })
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}
