import { registerInstrumentations, type Instrumentation, type InstrumentationModuleDefinition } from '@opentelemetry/instrumentation'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { ClientRequest } from 'node:http'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import type { Attributes, MeterProvider, TracerProvider } from '@opentelemetry/api'
import type { RuntimeOptions } from '../options.ts'
import { redactQuery } from '../redaction/redact-query.ts'
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '../vocabulary/attributes.ts'

// For modules of Node alone, which are found from anywhere: where this file is, a bundle may not know.
const require = createRequire(process.execPath)

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
  const instrumentations = [...options.instrumentations, ...(ownSdk ? missing(options.instrumentations, options.redactQuery) : [])]
  const stop = registerInstrumentations({ instrumentations, ...providers })
  // The http module was loaded long ago; instrumentations patch a module when it is next required, and modules that
  // imported its functions by name see the patched ones only after the names are synchronised.
  require('http')
  require('https')
  for (const instrumentation of instrumentations) {
    if (instrumentation instanceof OutgoingHttpInstrumentation) instrumentation.patchWhatWasRequired()
  }
  syncBuiltinESMExports()
  return () => {
    stop()
    syncBuiltinESMExports()
  }
}

/**
 * The hook on `require()` that all instrumentations of a process share tells of a module once. Where another
 * instrumentation (of a runtime before this one, say) was made first, http has to be patched without it.
 */
class OutgoingHttpInstrumentation extends HttpInstrumentation {
  declare private definitions: readonly InstrumentationModuleDefinition[]

  override init (): ReturnType<HttpInstrumentation['init']> {
    const definitions = super.init()
    this.definitions = definitions
    return definitions
  }

  patchWhatWasRequired (): void {
    for (const definition of this.definitions) {
      if (definition.moduleExports !== undefined) continue
      definition.moduleExports = require(definition.name)
      definition.patch?.(definition.moduleExports)
    }
  }
}

/** An instrumentation patches as soon as it is made, so none is made that the user brings. */
function missing (given: readonly Instrumentation[], secretKeys: ReadonlySet<string>): Instrumentation[] {
  const isMissing = (name: string): boolean => !given.some(({ instrumentationName }) => instrumentationName === name)
  const instrumentations: Instrumentation[] = []
  if (isMissing('@opentelemetry/instrumentation-http')) {
    instrumentations.push(new OutgoingHttpInstrumentation({
      disableIncomingRequestInstrumentation: true,
      requestHook: (span, request) => {
        if (request instanceof ClientRequest) span.setAttributes(redactedUrl(originOf(request), request.path, secretKeys))
      }
    }))
  }
  if (isMissing('@opentelemetry/instrumentation-undici')) {
    instrumentations.push(new UndiciInstrumentation({ startSpanHook: ({ origin, path }) => redactedUrl(origin, path, secretKeys) }))
  }
  return instrumentations
}

function originOf (request: ClientRequest): string {
  return `${request.protocol}//${String(request.getHeader('host') ?? request.host)}`
}

/** The instrumentation of fetch redacts nothing by itself, that of http only keys in the very case of its list. */
function redactedUrl (origin: string, path: string, secretKeys: ReadonlySet<string>): Attributes {
  // As text: what is no URL may hold a secret all the same.
  const mark = path.indexOf('?')
  if (mark === -1) return {}
  const query = redactQuery(path.slice(mark + 1), secretKeys)
  return { [ATTR_URL_FULL]: `${origin}${path.slice(0, mark)}?${query}`, [ATTR_URL_QUERY]: query }
}
