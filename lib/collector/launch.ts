import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { LETTA_OTEL_COLLECTOR_UNUSABLE } from '../errors.ts'
import { withLiteralValues } from './collector-environment.ts'

/** What a process is asked with to end, or, with SIGHUP, to read its configuration again. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
/** What shells add to the number of the signal that ended a process. */
const SIGNAL_EXIT = 128

/** Where signals to this process arrive: `process`. */
export interface SignalSource {
  on (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

/**
 * Runs the collector in the foreground, with the streams of this process, until it ends.
 *
 * @returns its exit code; 128 and the number of the signal that ended it
 * @throws {LETTA_OTEL_COLLECTOR_UNUSABLE} it cannot be started
 */
export async function runCollector (program: string, words: readonly string[], env: Readonly<Record<string, string>>, signals: SignalSource): Promise<number> {
  const child = spawn(program, words, { env: withLiteralValues(env), stdio: 'inherit' })
  // A terminal sends Ctrl-C to both of them: the collector makes nothing of a second one.
  const passOn = (signal: NodeJS.Signals): void => { child.kill(signal) }
  for (const signal of PASSED_ON) signals.on(signal, passOn)
  try {
    const [code, signal] = await once(child, 'exit') as [number | null, NodeJS.Signals | null]
    return code ?? SIGNAL_EXIT + constants.signals[signal!]
  } catch (problem) {
    throw new LETTA_OTEL_COLLECTOR_UNUSABLE(program, (problem as Error).message, 'Install it with letta-otel collector install, or name another one with --binary')
  } finally {
    for (const signal of PASSED_ON) signals.off(signal, passOn)
  }
}
