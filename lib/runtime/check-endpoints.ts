import { parseKeyPairsIntoRecord } from '@opentelemetry/core'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { LETTA_OTEL_INVALID_ENVIRONMENT, describeValue } from '../errors.ts'
import { headerName, headerValue } from '../options/checks.ts'
import type { RuntimeOptions } from '../options.ts'
import type { Environment } from '../options/environment.ts'

const FORMS = ['', 'TRACES_', 'METRICS_', 'LOGS_']
const CERTIFICATES = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^-]+-----END \1-----/g
/** The part of a header's name that can be one: behind it may be its value, where a colon was written for an equals sign. */
const BEGINNING_OF_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]*/

/**
 * Looks at the variables of the environment that are read only when something is sent, in another thread: what can never
 * work is said while the application starts.
 *
 * @throws {LETTA_OTEL_INVALID_ENVIRONMENT} a header cannot be sent, or a file of certificates holds none
 */
export function checkEndpoints ({ destination }: Pick<RuntimeOptions, 'destination'>, env: Environment): void {
  if (destination !== 'otlp') return
  for (const form of FORMS) {
    checkHeaders(`OTEL_EXPORTER_OTLP_${form}HEADERS`, env)
    checkCertificates(`OTEL_EXPORTER_OTLP_${form}CERTIFICATE`, env)
  }
}

function checkHeaders (variable: string, env: Environment): void {
  for (const [name, value] of Object.entries(parseKeyPairsIntoRecord(env[variable]))) {
    const problem = headerName(name) ?? headerValue(value)
    if (problem === undefined) continue
    const beginning = BEGINNING_OF_NAME.exec(name)?.[0] ?? ''
    const shown = describeValue(beginning === name ? name : `${beginning}…`)
    const fix = headerName(name) === undefined
      ? 'its value has to be a text of one line'
      : 'use names of HTTP headers, as in name=value,other-name=value'
    throw new LETTA_OTEL_INVALID_ENVIRONMENT(variable, `a list with the header ${shown}`, fix)
  }
}

/** TLS passes over a file without certificates, and then trusts nobody whom the file was meant for. One that cannot be read is told when it is used. */
function checkCertificates (variable: string, env: Environment): void {
  const path = env[variable]?.trim()
  if (path === undefined || path === '') return
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch {
    return
  }
  const certificates = text.match(CERTIFICATES) ?? []
  if (certificates.some(isCertificate)) return
  throw new LETTA_OTEL_INVALID_ENVIRONMENT(variable, `${JSON.stringify(path)}, a file without a certificate`, 'name a file of certificates in PEM')
}

function isCertificate (pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}
