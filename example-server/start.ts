import { createAgent } from './launch/create-agent.ts'
import { introduction } from './launch/introduction.ts'
import { launch } from './launch/launch.ts'
import { Launcher } from './launch/launcher.ts'
import { npmEnd } from './launch/npm-end.ts'
import { runsPlace, telemetryPlace } from './launch/telemetry-place.ts'
import { main } from './main.ts'
import { announce, leaveParent, stopRequest } from './stop-request.ts'

const launcher = new Launcher()

/** Starts everything. Resolves when something ended that should not have. */
async function run (): Promise<void> {
  const launched = await launch(launcher, process.env)
  if (launched === undefined) return
  const agentId = await createAgent(launched.server)
  const runs = runsPlace(process.env)
  const telemetry = [...telemetryPlace(process.env), ...runs === undefined ? [] : [['Runs', runs] as const]]
  process.stdout.write(introduction({ ...launched, agentId, telemetry, kept: runs !== undefined }))
  announce(launched)
  const exit = await launcher.firstExit()
  if (exit !== undefined) console.error(`The ${exit.child.name} ended (${exit.signal ?? `exit code ${exit.code}`}), so the example ends too.`)
}

await main(async () => {
  try {
    const asked = await Promise.race([run(), stopRequest(), npmEnd()])
    const exits = await launcher.stop(asked ?? 'SIGTERM')
    return asked !== undefined && exits.every(({ code }) => code === 0) ? 0 : 1
  } catch (problem) {
    await launcher.stop('SIGTERM')
    throw problem
  } finally {
    leaveParent()
  }
})
