import { constants } from 'node:os'
import type { Announcement } from '../launch/child.ts'
import { announce, leaveParent, stopRequest } from '../stop-request.ts'
import { RunningCommand } from './running-command.ts'

/**
 * Runs a command of letta-otel as a process of the example: tells the launcher when it answers, and the command when it is to stop.
 *
 * @param words of the command line, as `collector`, `start`
 * @returns its exit code
 */
export async function runCommand (words: readonly string[], announcement: Announcement): Promise<number> {
  const asked = stopRequest()
  const command = new RunningCommand(words)
  try {
    void command.ready(announcement.health).then(isReady => { if (isReady) announce(announcement) })
    const signal = await Promise.race([asked, command.exited])
    if (typeof signal === 'number') return signal
    command.stop(signal)
    const code = await command.exited
    // Before it has started, a signal ends it at once, as it was asked to.
    return code === 128 + constants.signals[signal] ? 0 : code
  } finally {
    leaveParent()
  }
}
