import type { RowReader, RowSink } from '../store/rows.ts'

/** Where no store is configured: nothing is kept, and nothing found. */
export const NO_ROWS: RowSink & RowReader = Object.freeze({
  write () {},
  async flush () {},
  async providerTracesOfStep () { return [] },
  async lastProviderTraceOfStep () { return undefined },
  async stepMetrics () { return undefined },
  async runMetrics () { return undefined },
  async traceOfRun () { return undefined },
  async job () { return undefined }
})
