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
import type { SpanCost } from './measurement.ts'

/** Runs `span-cost.ts` of a case on the server's core. */
export async function measureSpanCost ({ name, server }: BenchCase, sink: Sink): Promise<SpanCost> {
  const directory = mkdtempSync(join(tmpdir(), 'letta-otel-bench-'))
  try {
    const [command, args] = pinnedTo(SERVER_CORE, [process.execPath, buildServers().replace(/serve\.js$/, 'span-cost.js'), server])
    const { stdout } = await promisify(execFile)(command, args, { env: benchEnvironment(sink.url, directory) })
    const { microseconds, spans } = JSON.parse(stdout) as { microseconds: number, spans: number }
    return { case: name, microseconds, missing: spans - (await sink.takeArrivals()).spans }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
