import type { BenchCase } from '../cases.ts'
import type { LoadOptions, LoadResult } from '../load/load.ts'
import { loadPaced } from '../load/paced.ts'
import { loadWithWrk, wrkVersion } from '../load/wrk.ts'
import { ServerProcess } from '../server-process.ts'
import type { Workload } from '../workloads/workload.ts'
import type { Burst, Side } from './measurement.ts'

/**
 * A server that shares its core with another one. Only while it is loaded does it run: what it still has to do after a
 * burst, sending telemetry above all, it does in its own next burst and not in the other's.
 */
export class Contender {
  readonly #server: ServerProcess
  readonly #workload: Workload
  #wrong = 0

  private constructor (server: ServerProcess, workload: Workload) {
    this.#server = server
    this.#workload = workload
  }

  static async start (benchCase: BenchCase, workload: Workload, sinkUrl: string): Promise<Contender> {
    const server = await ServerProcess.start(benchCase, workload.name, sinkUrl)
    server.freeze()
    return new Contender(server, workload)
  }

  /** Lets it run, and loads it at `rate` requests a second, or at full speed. */
  async load (seconds: number, rate?: number): Promise<Burst> {
    const options: LoadOptions = { url: this.#server.url, requests: this.#workload.requests, seconds }
    this.#server.thaw()
    const before = await this.#server.use()
    const load = rate === undefined ? await loadAtFullSpeed(options) : await loadPaced({ ...options, rate })
    const after = await this.#server.use()
    this.#server.freeze()
    this.#wrong += load.wrong
    return { load, cpuMicrosecondsPerRequest: (after.cpuMicroseconds - before.cpuMicroseconds) / (after.requests - before.requests) }
  }

  /** Ends its process, once it has sent its telemetry. */
  async stop (): Promise<Omit<Side, 'bursts'>> {
    this.#server.thaw()
    return { figures: await this.#server.stop(), wrong: this.#wrong }
  }
}

/** wrk is the one that can saturate a bare server from a core it shares; without it the benchmark's own client has to do. */
async function loadAtFullSpeed (options: LoadOptions): Promise<LoadResult> {
  return wrkVersion === undefined ? await loadPaced(options) : await loadWithWrk(options)
}
