import { FastifyOtelInstrumentation } from '@fastify/otel'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import type { BenchServer } from './bench-server.ts'
import { startNodeSdk } from './node-sdk.ts'

export interface FastifyOtelVariant {
  /** Spans of hooks and handlers; the plugin's own default is true. */
  readonly hooks: boolean
  /** Beside instrumentation-http, which its README says it requires. */
  readonly http: boolean
}

/** @fastify/otel as its README sets it up, "Registration using OpenTelemetry Node SDK". */
export function fastifyOtelServer ({ hooks, http }: FastifyOtelVariant): BenchServer {
  const fastifyOtel = new FastifyOtelInstrumentation({
    registerOnInitialization: true, ...(hooks ? {} : { instrumentHooks: false, instrumentHandler: false })
  })
  return { close: startNodeSdk({ instrumentations: [...(http ? [new HttpInstrumentation()] : []), fastifyOtel] }) }
}
