import { ORGANIZATION } from './create-agent.ts'

export interface IntroductionFacts {
  readonly server: string
  /** The example's own model, unless the environment names another. */
  readonly provider: string | undefined
  readonly modelUrl: string
  readonly agentId: string
  readonly telemetry: ReadonlyArray<readonly [what: string, where: string]>
  /** Whether what agents do is kept, so that it can be asked for. */
  readonly kept: boolean
}

/** What a person who has just started the example wants to know. */
export function introduction ({ server, provider, modelUrl, agentId, telemetry, kept }: IntroductionFacts): string {
  const facts = [
    ['Agent server', server],
    ['Model', provider === undefined ? modelUrl : `${provider} (comes with the example)`],
    ...telemetry
  ]
  const json = "-H 'content-type: application/json'"
  const say = (content: string): string => `-d '${JSON.stringify({ messages: [{ role: 'user', content }] })}'`
  const messages = `${server}/v1/agents/${agentId}/messages`
  return [
    '',
    ...facts.map(([what, where]) => `  ${what?.padEnd(14)}${where}`),
    '',
    '  Try:',
    `  curl -s ${messages} ${json} ${say('What is 6 * 7?')}`,
    `  curl -sN ${messages}/stream ${json} ${say('Tell me something.')}`,
    `  curl -s ${messages}/async ${json} ${say('What time is it in Europe/Berlin?')}`,
    '',
    ...kept ? ['  What a run did, by the run_id of an answer:', `  curl -s ${server}/v1/runs/<run_id>/trace -H 'x-organization-id: ${ORGANIZATION}'`, ''] : [],
    '  npm run traffic sends a mixed load. Ctrl-C stops everything.',
    '',
    ''
  ].join('\n')
}
