import type { BenchCase } from '../cases.ts'
import type { LoadOptions, LoadResult } from '../load/load.ts'
import { loadPaced } from '../load/paced.ts'
import { loadWithWrk, wrkVersion } from '../load/wrk.ts'
import { ServerProcess } from '../server-process.ts'
import type { Sink } from '../sink/sink.ts'
import type { Workload } from '../workloads/workload.ts'
import type { Measurement } from './measurement.ts'

export interface MeasureOptions {
  readonly sink: Sink
  readonly round: number
  readonly seconds: number
  /** Requests a second; full speed without it. */
  readonly rate?: number
}

/** wrk is the one that can saturate a bare server from a core it shares; without it the benchmark's own client has to do. */
async function loadAtFullSpeed (options: LoadOptions): Promise<LoadResult> {
  return wrkVersion === undefined ? await loadPaced(options) : await loadWithWrk(options)
}

/** Starts the server, warms it up, loads it, stops it, and counts what arrived. */
export async function measure (benchCase: BenchCase, workload: Workload, { sink, round, seconds, rate }: MeasureOptions): Promise<Measurement> {
  const server = await ServerProcess.start(benchCase, workload.name, sink.url)
  const { requests } = workload
  let load: LoadResult
  try {
    await loadAtFullSpeed({ url: server.url, requests, seconds: warmUpSeconds(seconds) })
    await server.mark()
    load = rate === undefined
      ? await loadAtFullSpeed({ url: server.url, requests, seconds })
      : await loadPaced({ url: server.url, requests, seconds, rate })
  } catch (error) {
    await server.stop().catch(() => {})
    throw error
  }
  const figures = await server.stop()
  const arrivals = await sink.takeArrivals()
  return { round, workload: workload.name, case: benchCase.name, pace: rate === undefined ? 'full' : 'half', load, figures, arrivals }
}

/** Long enough for the compiler and for the young generation to have grown. */
function warmUpSeconds (seconds: number): number {
  return Math.max(1, Math.round(seconds / 2))
}
