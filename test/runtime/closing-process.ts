/** An application whose client reads for ever is told to close, and says what is in its store of it: for a test that kills it. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import Fastify from 'fastify'
import lettaOtel from '../../lib/index.ts'
import { openStore } from '../../lib/store.ts'

const [path = ''] = process.argv.slice(2)
const app = Fastify()
await app.register(lettaOtel, { destination: 'memory', instrumentations: false, store: { path, flushIntervalMs: 60_000 }, shutdownTimeoutMs: 200 })
app.get('/', async (_request, reply) => {
  reply.hijack()
  await app.telemetry.run({ id: 'run-1', organizationId: 'org-1' }, async run => await run.step({ id: 'step-1' }, async () => {
    for (;;) {
      reply.raw.write('data: x\n\n')
      await setTimeout(10)
    }
  }))
})
await app.listen({ port: 0 })
const client = await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`)
await client.body!.getReader().read()

// Stores of one process on one path share it.
const { rows } = await openStore({ path })
type Found = Promise<{ readonly outcome: string } | undefined>
async function until (outcome: string, ...finds: Array<() => Found>): Promise<void> {
  // Each table has an insert of its own.
  for (const find of finds) while ((await find())?.outcome !== outcome) await setTimeout(5)
  process.send?.(outcome)
}
const run = async (): Found => await rows.runMetrics('org-1', 'run-1')
const step = async (): Found => await rows.stepMetrics('org-1', 'step-1')

process.send?.('open')
await once(process, 'message')
void app.close().then(() => { process.send?.('closed') })
await until('running', run)
await until('incomplete', run, step)
