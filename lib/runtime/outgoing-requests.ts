import { registerInstrumentations, type Instrumentation } from '@opentelemetry/instrumentation'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import type { Attributes, MeterProvider, TracerProvider } from '@opentelemetry/api'
import type { RuntimeOptions } from '../options.ts'
import { redactQuery } from '../redaction/redact-query.ts'
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '../vocabulary/attributes.ts'

/** What instrumentations record with. */
interface Providers {
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
}

/**
 * Starts the user's instrumentations and, unless the user brings one of them or the application runs its own SDK,
 * those for outgoing `http` and `fetch`.
 *
 * @returns what stops them
 */
export function instrumentOutgoingRequests (options: RuntimeOptions, providers: Providers, ownSdk: boolean): () => void {
  if (options.instrumentations === false) return () => {}
  const instrumentations = [...options.instrumentations, ...(ownSdk ? missing(options.instrumentations, options.secretQueryKeys) : [])]
  const stop = registerInstrumentations({ instrumentations, ...providers })
  // The http module was loaded long ago; instrumentations patch a module when it is next required, and modules that
  // imported its functions by name see the patched ones only after the names are synchronised.
  const require = createRequire(import.meta.url)
  require('http')
  require('https')
  syncBuiltinESMExports()
  return () => {
    stop()
    syncBuiltinESMExports()
  }
}

function missing (given: readonly Instrumentation[], secretKeys: ReadonlySet<string>): Instrumentation[] {
  const redactedQueryParams = [...secretKeys, ...CASED_SECRET_KEYS]
  return [
    new HttpInstrumentation({ disableIncomingRequestInstrumentation: true, redactedQueryParams }),
    new UndiciInstrumentation({ startSpanHook: ({ origin, path }) => redactedUrl(origin, path, secretKeys) })
  ].filter(({ instrumentationName }) => !given.some(other => other.instrumentationName === instrumentationName))
}

/** The instrumentation of http compares keys with regard to case, and its list replaces the default one. */
const CASED_SECRET_KEYS = ['X-Amz-Signature', 'X-Amz-Credential', 'X-Amz-Security-Token', 'AWSAccessKeyId', 'Signature', 'X-Goog-Signature']

/** The instrumentation of fetch redacts nothing by itself. */
function redactedUrl (origin: string, path: string, secretKeys: ReadonlySet<string>): Attributes {
  const url = new URL(path, origin)
  if (url.search === '') return {}
  const query = redactQuery(url.search.slice(1), secretKeys)
  return { [ATTR_URL_FULL]: `${url.origin}${url.pathname}?${query}`, [ATTR_URL_QUERY]: query }
}
