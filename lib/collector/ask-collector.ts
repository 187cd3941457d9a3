import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { withLiteralValues } from './collector-environment.ts'
import type { Check } from './preflight.ts'
import { selectionArguments, type Selection } from './selection.ts'
import { VARIABLES } from './variables.ts'

const ANSWER_MS = 60_000
/** Shorter values would make holes into words that are no secrets. */
const SECRET_MIN_LENGTH = 3

/**
 * What the collector itself says of a configuration.
 *
 * @param env what it will get when it is started
 */
export async function askCollector (program: string, selection: Selection, env: Readonly<Record<string, string>>): Promise<Check> {
  const child = spawn(program, ['validate', ...selectionArguments(selection)], { env: withLiteralValues(env), stdio: ['ignore', 'pipe', 'pipe'], timeout: ANSWER_MS })
  const [stdout, stderr, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null, string | null]>])
  const said = withoutSecrets(`${stderr}\n${stdout}`.trim(), env)
  return { kind: 'configuration', what: selection.name, meaning: 'what the collector says of it', problem: code === 0 ? undefined : said === '' ? `the collector ended with ${code ?? signal}` : said }
}

/** The collector quotes values of its configuration, also those that came from the environment. */
export function withoutSecrets (text: string, env: Readonly<Record<string, string>>): string {
  let plain = text.replace(/(?<=:\/\/)[^\s/@"']+@/g, '***@')
  for (const [name, { kind }] of Object.entries(VARIABLES)) {
    const value = env[name]
    if (kind === 'secret' && value !== undefined && value.length >= SECRET_MIN_LENGTH) plain = plain.replaceAll(value, '***')
  }
  return plain
}
