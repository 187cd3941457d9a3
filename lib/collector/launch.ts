import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { LETTA_OTEL_COLLECTOR_UNUSABLE } from '../errors.ts'
import { withLiteralValues } from './collector-environment.ts'
import { withSignals, type SignalSource } from './signals.ts'

/** What shells add to the number of the signal that ended a process. */
const SIGNAL_EXIT = 128

/**
 * Runs the collector in the foreground, with the streams of this process, until it ends.
 *
 * @returns its exit code; 128 and the number of the signal that ended it
 * @throws {LETTA_OTEL_COLLECTOR_UNUSABLE} it cannot be started
 */
export async function runCollector (program: string, words: readonly string[], env: Readonly<Record<string, string>>, signals: SignalSource): Promise<number> {
  let child: ChildProcess | undefined
  try {
    // Listened for before there is a child: one that came in between would end this process, and leave the collector behind.
    // A terminal sends Ctrl-C to both of them: the collector makes nothing of a second one.
    const [code, signal] = await withSignals(signals, signal => { child?.kill(signal) }, async () => {
      child = spawn(program, words, { env: withLiteralValues(env), stdio: 'inherit' })
      return await once(child, 'exit') as [number | null, NodeJS.Signals | null]
    })
    return code ?? SIGNAL_EXIT + constants.signals[signal!]
  } catch (problem) {
    throw new LETTA_OTEL_COLLECTOR_UNUSABLE(program, (problem as Error).message, 'Install it with letta-otel collector install, or name another one with --binary')
  }
}
