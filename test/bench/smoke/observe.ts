import type { BenchCase } from '../cases.ts'
import { ServerProcess, type ServerFigures } from '../server-process.ts'
import { decodeMsgpack } from '../sink/decode-msgpack.ts'
import { Sink, type ArrivedRequest, type Arrivals } from '../sink/sink.ts'
import type { BenchRequest, Workload } from '../workloads/workload.ts'
import { decode } from '../../export/otlp-messages.ts'
import { otlpSpans } from '../../fixtures/otlp-receiver.ts'
import { spansOfRequest } from '../../recorder/otlp-messages.ts'

/** What a case did when it was asked a few times. */
export interface Observation {
  readonly figures: ServerFigures
  readonly arrivals: Arrivals
  /** Statuses of the answers, in order. */
  readonly statuses: readonly number[]
  /** Of the spans that belong to requests, sorted. */
  readonly spanNames: readonly string[]
  /** Of the log records that arrived. */
  readonly records: ReadonlyArray<{ readonly body: string, readonly hasTraceId: boolean }>
  readonly hasDurationMetric: boolean
  /** What pino wrote to the standard output about requests. */
  readonly lines: ReadonlyArray<Readonly<Record<string, unknown>>>
}

/** Starts the case, sends the workload's requests `times` times, and stops it. */
export async function observe (benchCase: BenchCase, workload: Workload, times: number): Promise<Observation> {
  const sink = await Sink.listen({ keep: true })
  try {
    const server = await ServerProcess.start(benchCase, workload.name, sink.url)
    const statuses: number[] = []
    for (let time = 0; time < times; time++) {
      for (const request of workload.requests) statuses.push(await statusOf(server.url, request))
    }
    let lines: Observation['lines'] = []
    const figures = await server.stop(output => { lines = requestLines(output) })
    const arrivals = await sink.takeArrivals()
    const of = (path: string): ArrivedRequest[] => sink.kept.filter(request => request.path === path && request.body.length > 0)
    return {
      figures,
      arrivals,
      statuses,
      spanNames: [...of('/v1/traces').flatMap(otlpNames), ...of('/v0.4/traces').flatMap(datadogNames)].sort(),
      records: of('/v1/logs').flatMap(recordsOf),
      hasDurationMetric: of('/v1/metrics').some(({ body }) => body.includes('http.server.request.duration')),
      lines
    }
  } finally {
    await sink.close()
  }
}

async function statusOf (url: string, { method, path, body }: BenchRequest): Promise<number> {
  const response = await fetch(url + path, {
    method,
    headers: { connection: 'close', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  await response.arrayBuffer()
  return response.status
}

function requestLines (output: string): Array<Record<string, unknown>> {
  return output.split('\n').filter(line => line.includes('"reqId"')).map(line => JSON.parse(line) as Record<string, unknown>)
}

function otlpNames ({ type, body }: ArrivedRequest): string[] {
  const spans = type.includes('json') ? otlpSpans(JSON.parse(body.toString())) : spansOfRequest(body)
  return spans.map(({ name }) => name as string)
}

function datadogNames ({ body }: ArrivedRequest): string[] {
  const spans = (decodeMsgpack(body) as Array<Array<{ name: string, resource: string, type?: string }>>).flat()
  return spans.filter(({ type }) => type === 'web').map(({ name, resource }) => `${name}: ${resource}`)
}

function recordsOf ({ body }: ArrivedRequest): Array<{ body: string, hasTraceId: boolean }> {
  return (decode('LogsRequest', body).resourceLogs ?? []).flatMap((resource: any) => (resource.scopeLogs ?? []).flatMap((scope: any) =>
    (scope.logRecords ?? []).map((record: any) => ({ body: record.body?.stringValue ?? '', hasTraceId: (record.traceId?.length ?? 0) > 0 }))))
}
