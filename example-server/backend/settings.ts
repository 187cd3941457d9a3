import { portFrom, textFrom } from '../environment.ts'
import { dataDirectory } from '../store-place.ts'
import { portToListenOn } from './port-to-listen-on.ts'

export interface BackendSettings {
  /** Words for `letta-otel dev`. */
  readonly words: readonly string[]
  /** Of the page, and of OTLP over HTTP. */
  readonly url: string
  /** Of ClickHouse's HTTP interface. */
  readonly clickhouse: string
}

const HOST = '127.0.0.1'

/** Where the backend listens: `BACKEND_PORT` and `BACKEND_CLICKHOUSE_PORT`, without which a port in use leads to another. */
export async function backendSettings (env: NodeJS.ProcessEnv): Promise<BackendSettings> {
  const port = await portOf('page', 'BACKEND_PORT', 4318)
  const clickhousePort = await portOf('ClickHouse interface', 'BACKEND_CLICKHOUSE_PORT', 8123)
  return {
    words: ['--port', String(port), '--clickhouse-port', String(clickhousePort), '--data', dataDirectory(env)],
    url: `http://${HOST}:${port}`,
    clickhouse: `http://${HOST}:${clickhousePort}`
  }
}

async function portOf (what: string, variable: string, usual: number): Promise<number> {
  return await portToListenOn({ what, host: HOST, port: portFrom(variable, usual), variable, isChosen: textFrom(variable) !== undefined })
}
