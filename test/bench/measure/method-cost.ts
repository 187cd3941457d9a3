import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildServers } from '../build-servers.ts'
import type { BenchCase } from '../cases.ts'
import { pinnedTo, SERVER_CORE } from '../cores.ts'
import { benchEnvironment } from '../server-process.ts'
import type { Sink } from '../sink/sink.ts'

/** What `traceMethod` adds to a call, in one round. */
export interface MethodCost {
  readonly case: string
  /** Microseconds over the bare call, of a call that is recorded. */
  readonly recorded: number
  /** The same of one within a trace that is not sampled. */
  readonly unrecorded: number
  /** Spans made that did not arrive. */
  readonly missing: number
}

/** Runs `method-cost.ts` of a case on the server's core. */
export async function measureMethodCost ({ name, server }: BenchCase, sink: Sink): Promise<MethodCost> {
  const directory = mkdtempSync(join(tmpdir(), 'letta-otel-bench-'))
  try {
    const [command, args] = pinnedTo(SERVER_CORE, [process.execPath, buildServers().replace(/serve\.js$/, 'method-cost.js'), server])
    const { stdout } = await promisify(execFile)(command, args, { env: benchEnvironment(sink.url, directory) })
    const { recorded, unrecorded, spans } = JSON.parse(stdout) as { recorded: number, unrecorded: number, spans: number }
    return { case: name, recorded, unrecorded, missing: spans - (await sink.takeArrivals()).spans }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
