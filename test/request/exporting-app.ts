import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import lettaOtel, { type LettaOtelOptions } from '../../lib/index.ts'
import { lettaDirectory, useEnvironment } from '../fixtures/environment.ts'
import { otlpReceiver } from '../fixtures/otlp-receiver.ts'
import { spansOfRequest, type DecodedSpan } from '../recorder/otlp-messages.ts'

export const ENGINES = ['fast', 'sdk'] as const

export interface ExportingApp {
  readonly app: FastifyInstance
  readonly port: number
  readonly url: string
  /** Everything that was exported so far, what was recorded until now included. */
  spans (): Promise<DecodedSpan[]>
}

/** A listening application that sends its spans to a receiver, with an engine and an environment of its own. */
export async function exportingApp (
  t: Test, engine: typeof ENGINES[number], build: (app: FastifyInstance) => unknown, options: LettaOtelOptions = {}, env: Record<string, string> = {}
): Promise<ExportingApp> {
  const receiver = await otlpReceiver()
  // A runtime that the next test replaces would send its metrics once more, to a receiver that is gone, until it gives up.
  useEnvironment({ LETTA_DIR: lettaDirectory(), OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_METRICS_EXPORTER: 'none', ...env })
  const app = Fastify({ forceCloseConnections: true }) as FastifyInstance
  await app.register(lettaOtel, { engine, endpoint: receiver.url, serviceName: 'sampled', instrumentations: false, ...options })
  await build(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    await app.close()
    await receiver.close()
  })
  const { port } = app.server.address() as AddressInfo
  return {
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    async spans () {
      if (!await app.telemetry.flush()) throw new Error('not everything was exported')
      return receiver.received.filter(({ path }) => path === '/v1/traces').flatMap(({ body }) => spansOfRequest(body))
    }
  }
}

/** The attributes of a decoded span by name. */
export function attributesOf (span: DecodedSpan | undefined): Record<string, unknown> {
  return Object.fromEntries((span?.['attributes'] ?? []).map(({ key, value }: { key: string, value: Record<string, unknown> }) =>
    [key, Object.values(value).find(item => item !== null && item !== undefined)]))
}
