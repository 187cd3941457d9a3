import type { BenchServer } from './bench-server.ts'

/**
 * dd-trace as https://docs.datadoghq.com/tracing/trace_collection/automatic_instrumentation/dd_libraries/nodejs/ starts it
 * for ES modules: `node --import dd-trace/initialize.mjs`, which the case's `preload` does. The agent's URL is in the
 * environment. It sends what is waiting when the process runs out of work.
 */
export default {} satisfies BenchServer
