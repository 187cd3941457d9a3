/** The application that is observed: a process of its own, which uses the package as it is built. */
import Fastify from 'fastify'
import lettaOtel from 'letta-otel'
import type { AppAnswer, AppQuestion } from './messages.ts'
import { textOf } from './payload.ts'

const app = Fastify({ logger: { level: 'warn' } })
await app.register(lettaOtel, { engine: 'fast', destination: 'otlp', serviceName: 'faults' })

app.get('/work', async (request, reply) => {
  reply.header('x-span-id', request.telemetry.spanId)
  return { ok: true }
})

/** A span of about so many bytes. */
app.get<{ Params: { bytes: string } }>('/large/:bytes', async (request, reply) => {
  reply.header('x-span-id', request.telemetry.spanId)
  request.telemetry.addAttribute('payload', textOf(Number(request.params.bytes)))
  return { ok: true }
})

process.on('message', (question: AppQuestion) => {
  void answer(question).then(value => { if (value !== undefined) process.send?.({ id: question.id, value } satisfies AppAnswer) })
})
// Whoever started it is gone.
process.once('disconnect', () => { process.exit(1) })
process.once('SIGTERM', () => { void app.close().then(() => { process.exit(0) }) })

const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ id: 0, value: url } satisfies AppAnswer)

/** What is not answered here is for preload.ts. */
async function answer ({ ask }: AppQuestion): Promise<unknown> {
  if (ask === 'stats') return app.telemetry.stats()
  return ask === 'flush' ? await app.telemetry.flush() : undefined
}
