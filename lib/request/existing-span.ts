import { createContextKey, type Context, type Span } from '@opentelemetry/api'

/**
 * Where `@opentelemetry/instrumentation-http` leaves the server span it opened, for frameworks to add the route.
 * `@opentelemetry/core` calls the key by this text, and a context key is its text.
 */
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA')

/** A request that is injected while another is served sees the other's span: each span is taken once. */
const TAKEN = Symbol('letta-otel took this span')

interface RpcMetadata {
  type: string
  span: Span
  /** Read by the instrumentation for its own duration metric. */
  route?: string
  [TAKEN]?: true
}

/** The server span that another instrumentation opened for this request, if one did. */
export function existingServerSpan (active: Context, route: string | undefined): Span | undefined {
  const metadata = active.getValue(RPC_METADATA) as RpcMetadata | undefined
  if (metadata?.span === undefined || metadata[TAKEN]) return undefined
  metadata[TAKEN] = true
  if (route !== undefined) metadata.route = route
  return metadata.span
}
