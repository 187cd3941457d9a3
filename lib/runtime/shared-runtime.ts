import { isDeepStrictEqual } from 'node:util'
import { LETTA_OTEL_RUNTIME_CONFLICT, describeValue } from '../errors.ts'
import type { ResolvedOptions, RuntimeOptions } from '../options.ts'
import { checkEndpoints, sentSignals } from './check-endpoints.ts'
import { Reporter, type Report } from './reporter.ts'
import { Runtime } from './runtime.ts'

/** An application's hold on the runtime of its process. */
export interface RuntimeHold {
  readonly runtime: Runtime
  readonly report: Report
  /** Reports, each time, what its teller says no more often than it should. */
  readonly repeat: Report
  /** Sends what was recorded and lets go; the runtime stays for the rest of the process. */
  release (timeoutMs: number): Promise<boolean>
}

/** How long a runtime that makes room for another may take to send what it still has. */
const REPLACED_TIMEOUT_MS = 2_000
/** How long a process that has nothing left to do is kept for what was recorded, unless its applications were closed. */
const PROCESS_END_TIMEOUT_MS = 2_000

const reporter = new Reporter()
let running: Runtime | undefined
/** Tells the runtime that another takes its place. */
let replace = (): void => {}
/** Applications that use the runtime, and the preload, which never lets go. */
let holders = 0

/**
 * Joins the runtime of this process, or starts it. OpenTelemetry's globals can be set once, and instruments that code
 * took from them live as long, so the runtime does too: closing the last application flushes it, and the next one
 * joins it again. One that wants something else replaces a runtime that nobody uses.
 *
 * @throws {LETTA_OTEL_INVALID_ENVIRONMENT} a variable about the destination cannot work, of a runtime that would start or of logs
 * @throws {LETTA_OTEL_RUNTIME_CONFLICT} the runtime is in use and does something else than a given option asks for
 */
export function holdRuntime (resolved: ResolvedOptions, listener?: Report): RuntimeHold {
  const { report, repeat } = reporter
  if (running !== undefined && holders > 0) refuseConflict(running.options, resolved)
  const joined = running !== undefined && (holders > 0 || isDeepStrictEqual(running.options, resolved.runtime)) ? running : undefined
  // Those who were there before may have sent no logs.
  const unchecked = sentSignals(resolved).filter(signal => joined === undefined || signal === 'logs')
  checkEndpoints(joined?.options ?? resolved.runtime, unchecked, process.env)
  const stopTelling = listener === undefined ? () => {} : reporter.addListener(listener)
  const runtime = joined ?? replaceRuntime(resolved.runtime)
  if (holders++ === 0) process.once('beforeExit', flushAtEnd)
  let released: Promise<boolean> | undefined
  for (const warning of resolved.warnings) report(warning)
  return {
    runtime,
    report,
    repeat,
    release (timeoutMs) {
      released ??= letGo(runtime, timeoutMs).finally(stopTelling)
      return released
    }
  }
}

function replaceRuntime (options: RuntimeOptions): Runtime {
  replace()
  void running?.shutdown(REPLACED_TIMEOUT_MS)
  running = startRuntime(options)
  return running
}

async function letGo (runtime: Runtime, timeoutMs: number): Promise<boolean> {
  if (--holders === 0) process.off('beforeExit', flushAtEnd)
  return await runtime.flush(timeoutMs)
}

/** For a process that ends by itself, as scripts do. */
function flushAtEnd (): void {
  void running?.flush(PROCESS_END_TIMEOUT_MS)
}

/** Its problems go to the log of an application that uses it; those of a replaced one not to the log of its successor's. */
function startRuntime (options: RuntimeOptions): Runtime {
  let { report } = reporter
  replace = () => { report = reporter.warn }
  return new Runtime(options, problem => { report(problem) })
}

/** The runtime of this process, if one was started. */
export function sharedRuntime (): Runtime | undefined {
  return running
}

/** Only what was given in code must agree: a default is no wish. */
function refuseConflict (options: RuntimeOptions, { runtime, given }: ResolvedOptions): void {
  for (const name of given) {
    if (isDeepStrictEqual(options[name], runtime[name])) continue
    const inUse = options[name] === undefined ? 'its default' : describeValue(options[name])
    throw new LETTA_OTEL_RUNTIME_CONFLICT(name, describeValue(runtime[name]), inUse)
  }
}
