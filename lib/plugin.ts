import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Rows } from './agent/agent-settings.ts'
import { observeAgents } from './agent/agent-telemetry.ts'
import { NO_AGENTS } from './agent/no-agents.ts'
import { NO_ROWS } from './agent/no-rows.ts'
import { ROW_READER } from './agent/telemetry-routes.ts'
import { ambientScopeOf } from './ambient/context-attributes.ts'
import { LETTA_OTEL_ALREADY_REGISTERED } from './errors.ts'
import { attachLogs, isSilent } from './logs/attach-logs.ts'
import { checkRouteTelemetry, resolveOptions, type LettaOtelOptions } from './options.ts'
import { contextOfLine } from './request/context-of-line.ts'
import { durationRecorder } from './request/duration-recorder.ts'
import { replyWithTraceId } from './request/error-reply.ts'
import { EndpointEvents } from './request/endpoint-events.ts'
import { errorTypeOf } from './request/error-type.ts'
import { IncomingContextReader } from './request/incoming-context.ts'
import { requestHooks } from './request/hooks.ts'
import { lastResponses } from './request/last-responses.ts'
import { recordOf } from './request/request-record.ts'
import { NO_TELEMETRY } from './request/request-telemetry.ts'
import { RequestsUnderWay } from './request/requests-under-way.ts'
import { RouteFactsCache } from './request/route-facts.ts'
import { StatusAttributes } from './request/status-attributes.ts'
import { NO_APPLICATION_TELEMETRY, applicationTelemetry } from './runtime/application-telemetry.ts'
import { Closing } from './runtime/closing.ts'
import { openApplicationStore } from './runtime/open-application-store.ts'
import { holdRuntime } from './runtime/shared-runtime.ts'

/** Names the instrumentation scope of everything recorded here, and marks an application that is observed. */
const NAME = 'letta-otel'
const REGISTERED = Symbol(NAME)

async function lettaOtel (app: FastifyInstance, input: LettaOtelOptions): Promise<void> {
  if (app.hasDecorator(REGISTERED)) throw new LETTA_OTEL_ALREADY_REGISTERED()
  const options = resolveOptions(input, process.env)
  app.decorate(REGISTERED, true)
  app.decorateRequest('telemetry', {
    getter (this: FastifyRequest) { return recordOf(this.raw) ?? NO_TELEMETRY }
  })
  let telemetry = { ...NO_APPLICATION_TELEMETRY, ...NO_AGENTS.telemetry }
  app.decorate('telemetry', { getter: () => telemetry })
  app.addHook('onRoute', ({ method, url, config }) => { checkRouteTelemetry(config?.telemetry, method, url) })
  if (options.errorReplies) app.setErrorHandler(replyWithTraceId)
  if (options.disabled) return

  const hold = holdRuntime(options, isSilent(app.log) ? undefined : problem => { app.log.warn(problem) })
  const { runtime, report, repeat } = hold
  const underWay = runtime.recordsMetrics ? new RequestsUnderWay() : undefined
  const stopObserving = underWay === undefined ? () => {} : runtime.observeServer(underWay)
  const closing = new Closing(hold, options.shutdownTimeoutMs)
  app.addHook('preClose', async () => { closing.begin() })
  app.addHook('onClose', async () => {
    await lastResponses()
    await closing.end()
    stopObserving()
  })
  const tracer = runtime.tracerProvider.getTracer(NAME, runtime.version)
  const meter = runtime.meterProvider.getMeter(NAME, runtime.version)
  const faultIn = (what: string) => (fault: unknown): void => { report(`telemetry of ${what} is incomplete (${errorTypeOf(fault)})`) }

  const store = await openApplicationStore(options, runtime.resource, meter, repeat)
  closing.include({ store })
  const rows: Rows = store?.rows ?? NO_ROWS
  const agents = options.agents === false
    ? NO_AGENTS
    : observeAgents(options.agents, { tracer, meter, rows, warn: warning => { app.log.warn(warning) }, report, onFault: faultIn('an agent') })
  closing.include({ agents })
  telemetry = { ...applicationTelemetry(runtime, options.shutdownTimeoutMs, agents, store?.stats), ...agents.telemetry }
  app.decorate(ROW_READER, rows)

  // What is done with a span of the application's own provider is the application's affair.
  const request = runtime.recordsSpans ? options.request : { ...options.request, keep: undefined }
  const hooks = requestHooks({
    tracer,
    durations: durationRecorder(runtime.seriesMeter(NAME), meter, options.request),
    events: underWay === undefined ? undefined : new EndpointEvents(meter),
    underWay,
    options: request,
    startWithAttributes: !runtime.recordsSpans || runtime.options.sampler !== undefined,
    routes: new RouteFactsCache(request),
    statuses: new StatusAttributes(request),
    incoming: new IncomingContextReader(options.request),
    onFault: faultIn('a request')
  }, (request, record) => {
    const scope = ambientScopeOf(record.context)
    if (scope !== undefined) scope.log = request.log
    logs?.bind(request.log, record.context)
  })
  app.addHook('onRequest', hooks.onRequest)
  app.addHook('onError', hooks.onError)
  app.addHook('onRoute', hooks.onRoute)

  const logs = options.logs === false || isSilent(app.log)
    ? undefined
    : attachLogs(app.log, {
      fields: { ...options.logs, ...runtime.service },
      correlation: options.logs.correlation,
      file: options.logs.file ? runtime.logFile : undefined,
      records: options.logs.otlp ? runtime.logLines : undefined,
      contextOfLine: contextOfLine(app, hooks.beginForLine),
      report
    })
  if (logs !== undefined) app.addHook('onResponse', hooks.onResponse)
  // Runs before the hook above: Fastify closes in reverse order.
  app.addHook('onClose', async () => { logs?.detach() })
  await runtime.ready
}

/** The plugin; see {@link LettaOtelOptions}. Register it on the root instance, before other plugins and routes. */
export default fp(lettaOtel, { fastify: '5.x', name: NAME })
