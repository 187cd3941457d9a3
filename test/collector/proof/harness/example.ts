import { Api } from '../../../../example-server/load/api.ts'
import { Results } from '../../../../example-server/load/results.ts'
import { sendTraffic } from '../../../../example-server/load/send-traffic.ts'
import { ExampleClient, ExampleProcess } from '../../../example-server/running-example.ts'
import type { Proof } from './proof.ts'

const SECONDS = 4
const RATE = 15

/**
 * Runs the example server with traffic of every kind, and ends it, which sends its telemetry.
 *
 * @param endpoint of OTLP over HTTP
 * @returns how many requests the traffic had
 */
export async function runExample (p: Proof, endpoint: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const example = new ExampleProcess(p, 'start.ts', {
    PORT: '0', PROVIDER_PORT: '0', LOG_LEVEL: 'info', LETTA_DIR: `${p.directory}/example`, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env
  })
  const { server } = await example.announced()
  const client = new ExampleClient(server)
  const agents = [await client.createAgent({ 'x-organization-id': 'org-1' }), await client.createAgent({ 'x-organization-id': 'org-2' })]
  const results = new Results()
  const never = new AbortController().signal
  await sendTraffic(new Api(server, never), agents, { seconds: SECONDS, rate: RATE }, results, never)
  example.child.kill('SIGTERM')
  p.equal('the example ended well', await example.ended(), 0)
  return results.count
}
