import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { withLiteralValues } from './collector-environment.ts'
import type { Check } from './preflight.ts'
import { selectionArguments, type Selection } from './selection.ts'
import { withoutSecrets } from './without-secrets.ts'

const ANSWER_MS = 60_000

/**
 * What the collector itself says of a configuration. It quotes values, also those that came from the environment: secrets are taken out.
 *
 * @param env what it will get when it is started
 */
export async function askCollector (program: string, selection: Selection, env: Readonly<Record<string, string>>): Promise<Check> {
  const child = spawn(program, ['validate', ...selectionArguments(selection)], { env: withLiteralValues(env), stdio: ['ignore', 'pipe', 'pipe'], timeout: ANSWER_MS })
  const [stdout, stderr, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null, string | null]>])
  const said = withoutSecrets(`${stderr}\n${stdout}`.trim(), env)
  return { kind: 'configuration', what: selection.name, meaning: 'what the collector says of it', problem: code === 0 ? undefined : said === '' ? `the collector ended with ${code ?? signal}` : said }
}
