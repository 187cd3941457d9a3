import { SettingError } from './environment.ts'
import { Api } from './load/api.ts'
import { Results } from './load/results.ts'
import { sendTraffic } from './load/send-traffic.ts'
import { trafficOptions } from './load/traffic-options.ts'
import { main } from './main.ts'

/** Organizations that own the agents, so that telemetry can be told apart by them. */
const ORGANIZATIONS = ['org-analytics', 'org-support', 'org-support']

await main(async () => {
  const { baseUrl, seconds, rate } = trafficOptions(process.argv.slice(2))
  const interrupted = new AbortController()
  process.once('SIGINT', () => { interrupted.abort() })
  const api = new Api(baseUrl, interrupted.signal)
  const agentIds = await createAgents(api, baseUrl)
  console.log(`Sending ${rate} requests a second to ${baseUrl} for ${seconds} seconds.`)
  const results = new Results()
  const start = performance.now()
  await sendTraffic(api, agentIds, { seconds, rate }, results, interrupted.signal)
  console.log(`\n${results.table()}\n\n${results.count} requests in ${((performance.now() - start) / 1_000).toFixed(1)} s.`)
  return 0
})

async function createAgents (api: Api, baseUrl: string): Promise<string[]> {
  try {
    return await Promise.all(ORGANIZATIONS.map(async (organization, position) => {
      const response = await api.post('/v1/agents', { name: `Agent ${position + 1}` }, { headers: { 'x-organization-id': organization } })
      return (await response.json() as { id: string }).id
    }))
  } catch {
    throw new SettingError(`The example server does not answer at ${baseUrl}: start it with npm start, or set BASE_URL.`)
  }
}
