import { ORGANIZATION } from './create-agent.ts'
import type { Launched } from './launch.ts'
import { runsPlace, telemetryPlace } from './telemetry-place.ts'

/** What a person who has just started the example wants to know: the page, or, without one, where everything is. */
export function introduction (launched: Launched, agentId: string, env: NodeJS.ProcessEnv): string {
  const { server, page } = launched
  const json = "-H 'content-type: application/json'"
  const say = (content: string): string => `-d '${JSON.stringify({ messages: [{ role: 'user', content }] })}'`
  const messages = `${server}/v1/agents/${agentId}/messages`
  const runs = runsPlace(env)
  return [
    '',
    ...page === undefined ? places(launched, env, runs) : [`  Open ${page} to see what the agent server does.`],
    '',
    '  Try:',
    `  curl -s ${messages} ${json} ${say('What is 6 * 7?')}`,
    `  curl -sN ${messages}/stream ${json} ${say('Tell me something.')}`,
    `  curl -s ${messages}/async ${json} ${say('What time is it in Europe/Berlin?')}`,
    '',
    ...page === undefined && runs !== undefined
      ? ['  What a run did, by the run_id of an answer:', `  curl -s ${server}/v1/runs/<run_id>/trace -H 'x-organization-id: ${ORGANIZATION}'`, '']
      : [],
    '  npm run traffic sends a mixed load. Ctrl-C stops everything.',
    '',
    ''
  ].join('\n')
}

function places ({ server, provider, modelUrl, collector }: Launched, env: NodeJS.ProcessEnv, runs: string | undefined): string[] {
  const facts = [
    ['Agent server', server],
    ['Model', provider === undefined ? modelUrl : `${provider} (comes with the example)`],
    ...collector === undefined ? telemetryPlace(env) : [['Collector', collector]],
    ...runs === undefined ? [] : [['Runs', runs]]
  ]
  return facts.map(([what = '', where]) => `  ${what.padEnd(14)}${where}`)
}
