import {
  anything, callable, either, flag, headerName, listOf, milliseconds, never, object, oneOf, pattern, publicName, recordOf,
  shape, text, url, type Check
} from './checks.ts'
import type { LettaOtelOptions } from '../options.ts'

const contextHeader = shape({ attribute: text, ambient: flag, logged: flag })

/** What each option may be; the compiler sees to it that none is missing. */
export const OPTION_CHECKS: Readonly<Record<keyof LettaOtelOptions, Check>> = Object.freeze({
  serviceName: text,
  serviceVersion: text,
  environment: text,
  endpoint: url,
  headers: recordOf(anything, text),
  destination: oneOf('otlp', 'files', 'memory', 'none'),
  exportIntervalMs: milliseconds(1),
  engine: oneOf('sdk'),
  exclude: listOf(pattern),
  captureHeaders: shape({ request: listOf(headerName), response: listOf(headerName) }),
  contextHeaders: recordOf(headerName, either(text, contextHeader)),
  captureBody: listOf(publicName),
  redactQuery: listOf(text),
  semantics: oneOf('stable', 'letta', 'both'),
  isError: callable,
  errorReplies: flag,
  trustIncoming: either(flag, callable),
  temporality: oneOf('delta', 'cumulative'),
  endpointMetrics: either(never, shape({
    include: listOf(pattern),
    exclude: listOf(pattern),
    streams: oneOf('include', 'exclude')
  })),
  logs: either(never, shape({
    correlation: flag,
    ddFormat: oneOf('decimal64', 'hex128'),
    keys: oneOf('flat', 'nested'),
    file: flag
  })),
  sampler: object('shouldSample', 'a sampler of @opentelemetry/sdk-trace'),
  resourceAttributes: recordOf(anything, anything),
  instrumentations: either(never, listOf(object('setTracerProvider', 'an OpenTelemetry instrumentation'))),
  shutdownTimeoutMs: milliseconds(0)
})
