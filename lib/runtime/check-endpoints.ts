import { parseKeyPairsIntoRecord } from '@opentelemetry/core'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { LETTA_OTEL_INVALID_ENVIRONMENT, describeValue } from '../errors.ts'
import type { Signal } from '../export/parcel.ts'
import { headerName, headerValue } from '../options/checks.ts'
import type { ResolvedOptions, RuntimeOptions } from '../options.ts'
import type { Environment } from '../options/environment.ts'

const CERTIFICATES = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^-]+-----END \1-----/g
/** The part of a header's name that can be one: behind it may be its value, where a colon was written for an equals sign. */
const BEGINNING_OF_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]*/

interface FileCheck {
  readonly holds: (pem: string) => boolean
  readonly missing: string
  readonly fix: string
}

const CERTIFICATE_FILE: FileCheck = { holds: hasCertificate, missing: 'a certificate', fix: 'name a file of certificates in PEM' }

/** What the variables for TLS name. */
const FILES: Readonly<Record<string, FileCheck>> = {
  CERTIFICATE: CERTIFICATE_FILE,
  CLIENT_CERTIFICATE: CERTIFICATE_FILE,
  CLIENT_KEY: { holds: isPrivateKey, missing: 'a private key that can be read', fix: 'name a file of a private key in PEM, which no passphrase encrypts' }
}

/** The signals that leave the process, if it has an endpoint. */
export function sentSignals ({ runtime: { signals }, logs }: Pick<ResolvedOptions, 'runtime' | 'logs'>): Signal[] {
  const sent: Readonly<Record<Signal, boolean>> = { ...signals, logs: logs !== false && logs.otlp }
  return (Object.keys(sent) as Signal[]).filter(signal => sent[signal])
}

/**
 * Looks at the variables of the environment that are read only when something is sent, in another thread: what can never
 * work is said while the application starts. Variables that none of `signals` uses are passed over.
 *
 * @throws {LETTA_OTEL_INVALID_ENVIRONMENT} a header cannot be sent, or a file for TLS does not hold what it is for
 */
export function checkEndpoints ({ destination, headers }: Pick<RuntimeOptions, 'destination' | 'headers'>, signals: readonly Signal[], env: Environment): void {
  if (destination !== 'otlp') return
  for (const signal of signals) {
    const own = variableOf('HEADERS', signal)
    checkHeaders(own, env, headers)
    checkHeaders(variableOf('HEADERS'), env, { ...parseKeyPairsIntoRecord(env[own]), ...headers })
    for (const [name, check] of Object.entries(FILES)) {
      const variable = [variableOf(name, signal), variableOf(name)].find(variable => isSet(env[variable]))
      if (variable !== undefined) checkFile(variable, env, check)
    }
  }
}

function variableOf (name: string, signal?: Signal): string {
  return `OTEL_EXPORTER_OTLP_${signal === undefined ? '' : `${signal.toUpperCase()}_`}${name}`
}

function isSet (value: string | undefined): boolean {
  return value !== undefined && value.trim() !== ''
}

/** @param others win over those of the variable */
function checkHeaders (variable: string, env: Environment, others: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(parseKeyPairsIntoRecord(env[variable]))) {
    const problem = Object.hasOwn(others, name) ? undefined : headerName(name) ?? headerValue(value)
    if (problem === undefined) continue
    const beginning = BEGINNING_OF_NAME.exec(name)?.[0] ?? ''
    const shown = describeValue(beginning === name ? name : `${beginning}…`)
    const fix = headerName(name) === undefined
      ? 'its value has to be a text of one line'
      : 'use names of HTTP headers, as in name=value,other-name=value'
    throw new LETTA_OTEL_INVALID_ENVIRONMENT(variable, `a list with the header ${shown}`, fix)
  }
}

/**
 * TLS passes over a file without certificates, and then trusts nobody whom the file was meant for; without a key, no connection
 * is made at all. One that cannot be read is told when it is used.
 */
function checkFile (variable: string, env: Environment, { holds, missing, fix }: FileCheck): void {
  const path = env[variable]?.trim() ?? ''
  const text = readRegularFile(path)
  if (text === undefined || holds(text)) return
  throw new LETTA_OTEL_INVALID_ENVIRONMENT(variable, `${JSON.stringify(path)}, a file without ${missing}`, fix)
}

/** A pipe could not be read again by whoever needs what is in it. */
function readRegularFile (path: string): string | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path, 'latin1') : undefined
  } catch {
    return undefined
  }
}

function hasCertificate (pem: string): boolean {
  return (pem.match(CERTIFICATES) ?? []).some(isCertificate)
}

function isCertificate (pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}

function isPrivateKey (pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private'
  } catch {
    return false
  }
}
