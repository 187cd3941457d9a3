/** An outage with a `LETTA_DIR` that is read-only, then with one of somebody else: memory alone, said once. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NOBODY, readOnly } from '../harness/own-mounts.ts'
import { scenario, type Scenario } from '../harness/scenario.ts'
import type { App } from '../harness/app.ts'

await scenario('read-only directory, then no permission, during an outage', async s => {
  const { within, how } = readOnly(s.directory)
  const first = await s.startApp({ within })
  await outage(s, first, /EROFS|EACCES/)
  await first.end('SIGTERM')

  const forbidden = mkdtempSync(join(tmpdir(), 'letta-otel-faults-'))
  chmodSync(forbidden, 0o500)
  const second = await s.startApp({ lettaDirectory: forbidden, ...NOBODY === undefined ? {} : { userId: NOBODY } })
  await outage(s, second, /EACCES/)
  rmSync(forbidden, { recursive: true })
  return await s.observed(second, `${how}; then a directory of another user`)
})

async function outage (s: Scenario, app: App, reason: RegExp): Promise<void> {
  await s.send(app, 2)
  await s.collector.goAway()
  await s.send(app, 8)
  await s.collector.comeBack()
  await s.checkAllArrived(app)
  const said = app.problems.filter(problem => problem.includes('waits in memory only'))
  s.check('it is said once that telemetry waits in memory, and why', said.length === 1 && reason.test(said[0] ?? ''), app.problems)
}
