/**
 * letta-otel: `await app.register(lettaOtel)` observes a Fastify 5 application.
 */
import { addContextAttribute, getContextAttributes, setContextAttributes } from './ambient/context-attributes.ts'
import type { AgentTelemetry } from './agent/agent-telemetry.ts'
import { telemetryRoutes } from './agent/telemetry-routes.ts'
import { monitorPool } from './database/monitor-pool.ts'
import type { RouteTelemetryOptions } from './options.ts'
import lettaOtel from './plugin.ts'
import type { RequestTelemetry } from './request/request-telemetry.ts'
import type { ApplicationTelemetry } from './runtime/application-telemetry.ts'
import { getTraceId, logAttributes, logEvent } from './trace/span-helpers.ts'
import { traceMethod } from './trace/trace-method.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The telemetry of this application. */
    telemetry: ApplicationTelemetry & AgentTelemetry
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
const plugin = Object.assign(lettaOtel, {
  lettaOtel,
  addContextAttribute,
  getContextAttributes,
  setContextAttributes,
  traceMethod,
  logEvent,
  logAttributes,
  getTraceId,
  monitorPool,
  telemetryRoutes
})

export default plugin
export {
  plugin as 'module.exports', plugin as lettaOtel, addContextAttribute, getContextAttributes, setContextAttributes,
  traceMethod, logEvent, logAttributes, getTraceId, monitorPool, telemetryRoutes
}
export type { AgentTelemetry } from './agent/agent-telemetry.ts'
export type { Actor, Jobs } from './agent/jobs.ts'
export type { LlmCall } from './agent/llm-call.ts'
export type { LlmCallEndOptions, LlmCallOptions } from './agent/llm-call-options.ts'
export type { WorkOutcome } from './agent/outcome.ts'
export type { ProviderTrace, ProviderTraceInput, ProviderTraces } from './agent/provider-traces.ts'
export type { Run, RunOptions } from './agent/run.ts'
export type { Step, StepOptions } from './agent/step.ts'
export type { TelemetryRoutesOptions } from './agent/telemetry-routes.ts'
export type { ToolCall, ToolOptions } from './agent/tool-call.ts'
export type { TokenUsage } from './agent/usage.ts'
export type { Watched } from './agent/watch-source.ts'
export type { EndOptions } from './agent/work.ts'
export type { ContextAttributes, ContextAttributeValue, ErrorLog } from './ambient/context-attributes.ts'
export type { MonitorPoolOptions } from './database/monitor-pool.ts'
export type { MonitoredPool } from './database/pool.ts'
export type {
  AgentOptions, CaptureHeadersOptions, DestinationName, EndpointMetricsOptions, KeepOptions, LettaOtelOptions, LogOptions, ModelPrice,
  PayloadOptions, PayloadRedaction, PriceTable, RouteTelemetryOptions
} from './options.ts'
export type { RequestTelemetry } from './request/request-telemetry.ts'
export type { ApplicationTelemetry } from './runtime/application-telemetry.ts'
export type { AgentStats, DroppedCounts, DroppedRows, RuntimeStats, SignalTelemetryStats, TelemetryStats, WriterStats } from './runtime/telemetry-stats.ts'
export type { LoggedAttributes } from './trace/span-helpers.ts'
export type { TraceMethodOptions } from './trace/trace-method-options.ts'
export type { MethodDecoration } from './trace/trace-method.ts'
export type { ContextHeader } from './vocabulary/context.ts'
export type { ParameterLimits } from './vocabulary/method-tracing.ts'
