import type { BenchServer } from './bench-server.ts'

/** Fastify without telemetry. */
export default {} satisfies BenchServer
