import { withoutCredentials } from '../errors.ts'
import type { Environment } from '../options/environment.ts'
import { VARIABLES, isDestination } from './variables.ts'

/** Shorter values are also parts of words, where a hole would tell them. */
const SHORT = 3

/** Of variables that files of one's own mention: what their names say. */
const SECRET_NAME = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i
/** From there on, a value is no word that a message has anyway. */
const UNMISTAKABLE = 8

/** What somebody else said, a program or an error, without the secrets of an environment and without credentials in URLs. */
export function withoutSecrets (text: string, env: Environment): string {
  let plain = text
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const value = env[name] ?? ''
    if (value === '') continue
    if (variable.kind === 'secret') plain = without(plain, value)
    else if (isDestination(variable) && value.includes('@')) plain = plain.replaceAll(value, () => withoutCredentials(value))
  }
  for (const [name, value = ''] of Object.entries(env)) {
    if (SECRET_NAME.test(name) && value.length >= UNMISTAKABLE) plain = without(plain, value)
  }
  return plain.replace(/(?<=:\/\/)[^\s"'<>]*@/g, '***@')
}

function without (text: string, value: string): string {
  if (value.length < SHORT) return text.replace(new RegExp(`(?<!\\w)${value.replace(/[^\w\s]/g, '\\$&')}(?!\\w)`, 'g'), '***')
  // As it is quoted by Go and JSON, as it stands in URLs, and as the collector is given it.
  const forms = new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), value.replaceAll('$', '$$$$')])
  return [...forms].sort((one, other) => other.length - one.length).reduce((plain, form) => plain.replaceAll(form, '***'), text)
}
