/** `letta-otel/testing`: what a process recorded, for an application's own tests. */
import { LETTA_OTEL_NOT_IN_MEMORY } from './errors.ts'
import type { CollectedMetric, FinishedSpan, MemoryDestination } from './runtime/memory-destination.ts'
import { sharedRuntime } from './runtime/shared-runtime.ts'

export type { CollectedMetric, FinishedSpan, MetricPoint } from './runtime/memory-destination.ts'

/**
 * Spans that ended since the start or the last {@link reset}, oldest first; at most the newest 10,000.
 *
 * @throws {LETTA_OTEL_NOT_IN_MEMORY} no application of this process keeps its telemetry in memory
 */
export function finishedSpans (): FinishedSpan[] {
  return memory().finishedSpans()
}

/**
 * Metrics. With delta temporality, the default, each call gives what was recorded since the one before.
 *
 * @throws {LETTA_OTEL_NOT_IN_MEMORY} no application of this process keeps its telemetry in memory
 */
export async function metrics (): Promise<CollectedMetric[]> {
  return await memory().metrics()
}

/**
 * Forgets what was recorded so far.
 *
 * @throws {LETTA_OTEL_NOT_IN_MEMORY} no application of this process keeps its telemetry in memory
 */
export async function reset (): Promise<void> {
  await memory().reset()
}

function memory (): MemoryDestination {
  const destination = sharedRuntime()?.memory
  if (destination === undefined) throw new LETTA_OTEL_NOT_IN_MEMORY()
  return destination
}
