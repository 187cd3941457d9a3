import { withoutCredentials } from '../errors.ts'
import type { Environment } from '../options/environment.ts'
import { VARIABLES, isDestination } from './variables.ts'

/** Shorter values are also parts of words, where a hole would tell them. */
const SHORT = 3

/** Of variables that files of one's own mention: what their names say. `PWD` alone is the working directory. */
const SECRET_NAME = /(?:(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL)S?|AUTHORIZATION|(?:^|_)(?:PASS|AUTH|DSN)|_PWD)$/i
/** These name a file, as the OpenTelemetry specification has it. */
const KEY_FILE = /^OTEL_EXPORTER_OTLP_(?:[A-Z]+_)?CLIENT_KEY$/
/** `name=value,name=value`, percent-encoded. */
const HEADER_LIST = /(?:^|_)HEADERS$/i
/** From there on, a value is no word that a message has anyway. */
const UNMISTAKABLE = 8
/** Switches and ports, which say nothing and are in many messages. */
const TRIVIAL = /^(?:.{0,2}|true|false|yes|off|none|null|\d{1,5})$/is

/** What somebody else said, a program or an error, without the secrets of an environment and without credentials in URLs. */
export function withoutSecrets (text: string, env: Environment): string {
  let plain = text
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const value = env[name] ?? ''
    if (isDestination(variable) && value.includes('@')) plain = plain.replaceAll(value, () => withoutCredentials(value))
  }
  // One may be a part of another, of which the rest would stay.
  const secrets = [...secretsOf(env)].sort(([one], [other]) => other.length - one.length)
  for (const [secret, standsAlone] of secrets) plain = without(plain, secret, standsAlone)
  return plain.replace(/(?<=:\/\/)[^\s"'<>]*@/g, '***@')
}

/** Each with whether it is hidden only where it stands alone. */
function secretsOf (env: Environment): Map<string, boolean> {
  const secrets = new Map<string, boolean>()
  for (const [name, value = ''] of Object.entries(env)) {
    for (const secret of ownSecrets(name, value)) if (!TRIVIAL.test(secret)) secrets.set(secret, secret.length < UNMISTAKABLE)
  }
  for (const [name, { kind }] of Object.entries(VARIABLES)) {
    const value = env[name] ?? ''
    if (kind === 'secret' && value !== '') secrets.set(value, value.length < SHORT)
  }
  return secrets
}

function ownSecrets (name: string, value: string): string[] {
  if (HEADER_LIST.test(name)) return value.split(/[,;]/).flatMap(pair => withParts(pair.slice(pair.indexOf('=') + 1).trim()))
  return SECRET_NAME.test(name) && !KEY_FILE.test(name) ? withParts(value) : []
}

/** A value as it is written and as it is meant, and what stands in it behind a scheme such as `Basic`. */
function withParts (value: string): string[] {
  return [value, decoded(value)].flatMap(text => [text, text.replace(/^(?:basic|bearer|digest|token|apikey|api-key) +/i, '')])
}

function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function without (text: string, value: string, standsAlone: boolean): string {
  // As it is quoted by Go and JSON, as it stands in URLs, and as the collector is given it.
  const forms = new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), value.replaceAll('$', '$$$$')])
  const longestFirst = [...forms].sort((one, other) => other.length - one.length)
  return longestFirst.reduce((plain, form) => standsAlone ? plain.replace(alone(form), '***') : plain.replaceAll(form, '***'), text)
}

/** No part of a word; what is escaped before it is none. */
function alone (value: string): RegExp {
  return new RegExp(`(?:(?<!\\w)|(?<=\\\\[nrt]|\\\\u[\\da-fA-F]{4}|%[\\da-fA-F]{2}))${value.replace(/[^\w\s]/g, '\\$&')}(?!\\w)`, 'g')
}
