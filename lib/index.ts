/**
 * letta-otel: `await app.register(lettaOtel)` observes a Fastify 5 application.
 */
import { addContextAttribute, getContextAttributes, setContextAttributes } from './ambient/context-attributes.ts'
import type { RouteTelemetryOptions } from './options.ts'
import lettaOtel from './plugin.ts'
import type { RequestTelemetry } from './request/request-telemetry.ts'
import type { ApplicationTelemetry } from './runtime/application-telemetry.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The telemetry of this application. */
    telemetry: ApplicationTelemetry
  }
  interface FastifyRequest {
    /** The telemetry of this request; never undefined, also where the request is not traced. */
    telemetry: RequestTelemetry
  }
  interface FastifyContextConfig {
    /** Telemetry of this route; `false` leaves it out. */
    telemetry?: false | RouteTelemetryOptions
  }
}

// `require('letta-otel')` gives the plugin itself, so what is exported by name has to be found on it too.
const plugin = Object.assign(lettaOtel, { lettaOtel, addContextAttribute, getContextAttributes, setContextAttributes })

export default plugin
export { plugin as 'module.exports', plugin as lettaOtel, addContextAttribute, getContextAttributes, setContextAttributes }
export type { ContextAttributes, ContextAttributeValue } from './ambient/context-attributes.ts'
export type {
  CaptureHeadersOptions, DestinationName, EndpointMetricsOptions, KeepOptions, LettaOtelOptions, LogOptions, RouteTelemetryOptions
} from './options.ts'
export type { RequestTelemetry } from './request/request-telemetry.ts'
export type { ApplicationTelemetry } from './runtime/application-telemetry.ts'
export type { DroppedCounts, SignalTelemetryStats, TelemetryStats } from './runtime/telemetry-stats.ts'
export type { ContextHeader } from './vocabulary/context.ts'
