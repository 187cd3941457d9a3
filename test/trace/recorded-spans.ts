import type { Test } from 'tap'
import type { LettaOtelOptions } from '../../lib/options.ts'
import type { FinishedSpan } from '../../lib/runtime/memory-destination.ts'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { runtimeOptions } from '../fixtures/options.ts'

/** Records spans in memory until the test ends. @returns what gives those that ended since it was asked last */
export function recordSpans (t: Test, options: LettaOtelOptions = {}, env: Readonly<Record<string, string>> = {}): () => Promise<FinishedSpan[]> {
  const runtime = new Runtime(runtimeOptions({ destination: 'memory', instrumentations: false, ...options }, env), problem => { throw new Error(problem) })
  t.teardown(async () => { await runtime.shutdown(1_000) })
  return async () => {
    const spans = runtime.memory!.finishedSpans()
    await runtime.memory!.reset()
    return spans
  }
}
