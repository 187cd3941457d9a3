import type { Check } from './preflight.ts'
import type { Setting } from './settings.ts'

const DATABASE_PROTOCOLS = ['http:', 'https:', 'tcp:', 'clickhouse:']

/**
 * What is wrong with where telemetry goes: it cannot be read, or has credentials in it, which the collector's messages would
 * repeat. The value itself is not shown.
 */
export function checkDestinations (settings: readonly Setting[]): Check[] {
  return settings.flatMap(({ name, kind, value, meaning }): Check[] => {
    if (value === '' || (kind !== 'url' && kind !== 'addresses')) return []
    const problem = hasCredentials(value) ? credentialsProblem(name) : isReadable(kind, value) ? undefined : 'what it is set to cannot be read as that'
    return problem === undefined ? [] : [{ kind: 'variable', what: name, meaning, problem }]
  })
}

/** Someone who did not escape a password has no URL, but still an `@`. */
function hasCredentials (value: string): boolean {
  return value.includes('@') || /[?&](?:username|password)=/i.test(value)
}

function credentialsProblem (name: string): string {
  const instead = name === 'CLICKHOUSE_ENDPOINT' ? '; CLICKHOUSE_USERNAME and CLICKHOUSE_PASSWORD are for them' : ''
  return `it has a user or a password in it, which the collector would write into its log: leave them out${instead}`
}

function isReadable (kind: 'url' | 'addresses', value: string): boolean {
  if (kind === 'url') return URL.canParse(value) && DATABASE_PROTOCOLS.includes(new URL(value).protocol) && new URL(value).host !== ''
  // gRPC takes a resolver before an address: dns:///host:port.
  return value.split(',').every(address => URL.canParse(`http://${address.trim().replace(/^[a-z][a-z0-9+.-]*:\/\/\/?/i, '')}`))
}
