import type { FastifyInstance } from 'fastify'
import { portInUse, SettingError } from './environment.ts'
import { announce, leaveParent, stopRequest } from './stop-request.ts'

export interface Address {
  readonly host: string
  readonly port: number
  /** The variable that chooses another port. */
  readonly portVariable: string
}

/** Lets an application answer until the process is asked to stop, then closes it, which sends its telemetry. */
export async function serve (app: FastifyInstance, address: Address): Promise<void> {
  const stop = stopRequest()
  try {
    const url = await listen(app, address)
    announce({ url, health: `${url}/v1/health` })
    const signal = await stop
    app.log.info({ signal }, 'closing')
  } finally {
    await app.close()
    leaveParent()
  }
}

async function listen (app: FastifyInstance, { host, port, portVariable }: Address): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (problem) {
    switch ((problem as NodeJS.ErrnoException).code) {
      case 'EADDRINUSE':
        throw portInUse(host, port, portVariable)
      case 'EACCES':
        throw new SettingError(`Port ${port} on ${host} needs more rights: choose one above 1023 with ${portVariable}.`)
      default: throw problem
    }
  }
}
