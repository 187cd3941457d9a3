import type { AddressInfo } from 'node:net'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { setImmediate as immediately } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import lettaOtel, { type LettaOtelOptions } from '../../lib/index.ts'
import { finishedSpans, reset, type FinishedSpan } from '../../lib/testing.ts'
import { engineUnderTest, recordScenario } from './scenario-record.ts'

export interface ObservedApp {
  readonly app: FastifyInstance
  readonly port: number
  readonly url: string
  /** Opens a bare TCP connection to the application. */
  connect (): Promise<Socket>
}

interface Closing {
  readonly fullname: string
  teardown (handler: () => Promise<unknown>): void
}

/** A listening application that keeps its telemetry in memory. */
export async function observedApp (
  t: Closing, build: (app: FastifyInstance) => unknown, options: LettaOtelOptions = {}, server: FastifyServerOptions = {}
): Promise<ObservedApp> {
  const app = Fastify({ forceCloseConnections: true, ...server }) as FastifyInstance
  await app.register(lettaOtel, { destination: 'memory', serviceName: 'test', instrumentations: false, ...engineUnderTest(), ...options })
  await build(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    await app.close()
    recordScenario(t.fullname)
  })
  await reset()
  const { port } = app.server.address() as AddressInfo
  return {
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    connect: async () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      await once(socket, 'connect')
      return socket
    }
  }
}

/** Server spans, once there are `count` of them; they end after the client has its answer. */
export async function serverSpans (count: number): Promise<FinishedSpan[]> {
  const spans = (): FinishedSpan[] => finishedSpans().filter(span => span.kind === 'SERVER')
  await until(() => spans().length >= count, `${count} server spans`)
  return spans()
}

/** Lets the event loop turn until something holds. */
export async function until (holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await immediately()
  }
}

export async function serverSpan (): Promise<FinishedSpan> {
  const spans = await serverSpans(1)
  return spans[0] as FinishedSpan
}
