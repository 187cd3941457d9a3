import { askProgram, TOO_LATE, TOO_MUCH } from './ask-program.ts'
import { withLiteralValues } from './collector-environment.ts'
import type { Check } from './preflight.ts'
import { selectionArguments, type Selection } from './selection.ts'
import { withoutSecrets } from './without-secrets.ts'

const ANSWER_MS = 60_000
const ANSWER_BYTES_MAX = 1024 * 1024

/**
 * What the collector itself says of a configuration. It quotes values, also those that came from the environment: secrets are taken out.
 *
 * @param env what it will get when it is started
 */
export async function askCollector (program: string, selection: Selection, env: Readonly<Record<string, string>>): Promise<Check> {
  const { stdout, stderr, end } = await askProgram(program, ['validate', ...selectionArguments(selection)], {
    timeoutMs: ANSWER_MS, maxBytes: ANSWER_BYTES_MAX, env: withLiteralValues(env)
  })
  return { kind: 'configuration', what: selection.name, meaning: 'what the collector says of it', problem: end === 0 ? undefined : problemOf(end, withoutSecrets(`${stderr}\n${stdout}`.trim(), env)) }
}

function problemOf (end: number | string, said: string): string {
  switch (end) {
    case TOO_LATE: return `it did not say anything of it within ${ANSWER_MS / 1_000} s`
    case TOO_MUCH: return 'it did not come to an end with what it says of it'
    default: return said === '' ? `the collector ended with ${end}` : said
  }
}
