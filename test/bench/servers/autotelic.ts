import openTelemetryPlugin from '@autotelic/fastify-opentelemetry'
import type { BenchServer } from './bench-server.ts'
import { startNodeSdk } from './node-sdk.ts'

const close = startNodeSdk()

/** @autotelic/fastify-opentelemetry as its README registers it; the README leaves the SDK to the application. */
export default {
  register: async app => { await app.register(openTelemetryPlugin, { wrapRoutes: true }) },
  close
} satisfies BenchServer
