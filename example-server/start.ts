import { createAgent } from './launch/create-agent.ts'
import { introduction } from './launch/introduction.ts'
import { launch } from './launch/launch.ts'
import type { Exit } from './launch/child.ts'
import { exitCodeOf, isAsAsked, Launcher } from './launch/launcher.ts'
import { npmEnd } from './launch/npm-end.ts'
import { startOptions, type StartOptions } from './launch/start-options.ts'
import { main } from './main.ts'
import { announce, leaveParent, stopRequest } from './stop-request.ts'
import { hasEmbeddedStore } from './store-place.ts'

const launcher = new Launcher()

/** Starts everything. @returns the first process that ended without being asked to */
async function run (): Promise<Exit | undefined> {
  const launched = await launch(launcher, process.env, whereItCan(startOptions(process.argv.slice(2), process.env)))
  // Whoever ended before it answered has said why.
  if (launched === undefined) return await launcher.firstExit()
  process.stdout.write(introduction(launched, await createAgent(launched.server), process.env))
  announce(launched)
  const exit = await launcher.firstExit()
  if (exit !== undefined) console.error(`The ${exit.child.name} ended (${exit.signal ?? `exit code ${exit.code}`}), so the example ends too.`)
  return exit
}

/** There is no backend without chDB. */
function whereItCan (options: StartOptions): StartOptions {
  if (options.receiver !== 'backend' || hasEmbeddedStore()) return options
  console.error('There is no page: chDB, which keeps what it shows, cannot be loaded (there is none for Windows). Telemetry goes to files.')
  return { ...options, receiver: 'none' }
}

await main(async () => {
  // Before anything is started that would have to be stopped.
  const asked = stopRequest()
  try {
    const ended = await Promise.race([run(), asked, npmEnd()])
    if (typeof ended === 'object') {
      await launcher.stop('SIGTERM')
      return exitCodeOf(ended)
    }
    const exits = await launcher.stop(ended ?? 'SIGTERM')
    return ended !== undefined && exits.every(exit => isAsAsked(exit, ended)) ? 0 : 1
  } catch (problem) {
    await launcher.stop('SIGTERM')
    throw problem
  } finally {
    leaveParent()
  }
})
