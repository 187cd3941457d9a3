import { registerInstrumentations, type Instrumentation } from '@opentelemetry/instrumentation'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import type { MeterProvider, TracerProvider } from '@opentelemetry/api'
import type { RuntimeOptions } from '../options.ts'

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
  const instrumentations = [...options.instrumentations, ...(ownSdk ? missing(options.instrumentations) : [])]
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

function missing (given: readonly Instrumentation[]): Instrumentation[] {
  return [new HttpInstrumentation({ disableIncomingRequestInstrumentation: true }), new UndiciInstrumentation()]
    .filter(({ instrumentationName }) => !given.some(other => other.instrumentationName === instrumentationName))
}
