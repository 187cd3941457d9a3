import type { RowReader, RowSink, Rows, RunTrace } from '../../lib/store/rows.ts'

/** A store in memory: of rows with one id, the one with the latest `updated_at` counts; partial rows of jobs merge. */
export class MemoryRows implements RowSink, RowReader {
  readonly written: Array<{ [Table in keyof Rows]: { readonly table: Table, readonly row: Rows[Table] } }[keyof Rows]> = []
  flushes = 0

  write<Table extends keyof Rows> (table: Table, row: Rows[Table]): void {
    this.written.push({ table, row } as (typeof this.written)[number])
  }

  async flush (): Promise<void> {
    this.flushes++
  }

  /** Everything that was written to a table, in order. */
  rows<Table extends keyof Rows> (table: Table): Array<Rows[Table]> {
    return this.written.filter(one => one.table === table).map(({ row }) => row as Rows[Table])
  }

  /** The current row of each id. */
  current<Table extends keyof Rows> (table: Table): Array<Rows[Table]> {
    const latest = new Map<string, Rows[Table]>()
    for (const row of this.rows(table)) {
      const before = latest.get(row.id)
      if (before === undefined || stamp(row) >= stamp(before)) latest.set(row.id, table === 'jobs' ? { ...before, ...row } : row)
    }
    return [...latest.values()]
  }

  async lastProviderTraceOfStep (organizationId: string, stepId: string): ReturnType<RowReader['lastProviderTraceOfStep']> {
    return (await this.providerTracesOfStep(organizationId, stepId, Infinity)).at(-1)
  }

  async providerTracesOfStep (organizationId: string, stepId: string, limit = 100): ReturnType<RowReader['providerTracesOfStep']> {
    const payloads = new Map(this.current('provider_trace_payloads').map(row => [row.id, row]))
    return this.current('provider_traces')
      .filter(row => row.organization_id === organizationId && row.step_id === stepId)
      .sort((a, b) => Number(a.request_start_ns - b.request_start_ns))
      .slice(0, limit)
      .map(row => ({ ...payloads.get(row.id), ...row }))
  }

  async stepMetrics (organizationId: string, stepId: string): ReturnType<RowReader['stepMetrics']> {
    return this.current('step_metrics').find(row => row.organization_id === organizationId && row.id === stepId)
  }

  async runMetrics (organizationId: string, runId: string): ReturnType<RowReader['runMetrics']> {
    return this.current('run_metrics').find(row => row.organization_id === organizationId && row.id === runId)
  }

  async traceOfRun (organizationId: string, runId: string, limit: number): Promise<RunTrace | undefined> {
    const run = await this.runMetrics(organizationId, runId)
    return run && {
      run,
      steps: this.current('step_metrics').filter(row => row.organization_id === organizationId && row.run_id === runId).slice(0, limit),
      provider_traces: this.current('provider_traces').filter(row => row.organization_id === organizationId && row.run_id === runId).slice(0, limit)
    }
  }

  async job (organizationId: string, jobId: string): ReturnType<RowReader['job']> {
    return this.current('jobs').find(row => row.organization_id === organizationId && row.id === jobId)
  }
}

function stamp (row: object): number {
  return (row as { updated_at?: number }).updated_at ?? 0
}
