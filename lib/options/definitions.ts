import {
  attributeValue, characters, complete, count, either, flag, headerName, headerValue, listOf, milliseconds, never, object, oneOf, pattern,
  price, publicHeaderName, publicName, record, recordOf, regularExpression, shape, synchronous, text, url, type Check
} from './checks.ts'
import type { LettaOtelOptions } from '../options.ts'

const contextHeader = shape({ attribute: text, ambient: flag, logged: flag })

const modelPrice = complete(['input', 'output'], shape({ input: price, output: price, cachedInput: price, cacheWrite: price }))

/** Of more, what nobody ends would take gigabytes. */
const OPEN_WORK_MAX = 1_000_000

/** What each option may be; the compiler sees to it that none is missing. */
export const OPTION_CHECKS: Readonly<Record<keyof LettaOtelOptions, Check>> = Object.freeze({
  serviceName: text,
  serviceVersion: text,
  environment: text,
  endpoint: url,
  headers: recordOf(headerName, headerValue),
  destination: oneOf('otlp', 'files', 'memory', 'none'),
  exportIntervalMs: milliseconds(1),
  engine: oneOf('fast', 'sdk'),
  exclude: listOf(pattern),
  captureHeaders: shape({ request: listOf(publicHeaderName), response: listOf(publicHeaderName) }),
  contextHeaders: recordOf(publicHeaderName, either(text, contextHeader)),
  captureBody: listOf(publicName),
  redactQuery: listOf(text),
  semantics: oneOf('stable', 'letta', 'both'),
  isError: synchronous,
  errorReplies: flag,
  trustIncoming: either(flag, synchronous),
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
    file: flag,
    otlp: flag
  })),
  agents: either(never, shape({
    prices: complete(['version', 'models'], shape({ version: text, models: recordOf(text, modelPrice) })),
    payloads: either(flag, shape({
      redact: shape({ keys: listOf(text), patterns: listOf(regularExpression) }),
      maxSize: characters
    })),
    maxOpen: count(1, OPEN_WORK_MAX)
  })),
  store: either(flag, record),
  sampler: object('shouldSample', 'a sampler of @opentelemetry/sdk-trace'),
  keep: either(never, shape({ errors: flag, slowerThanMs: milliseconds(0) })),
  resourceAttributes: recordOf(text, attributeValue),
  instrumentations: either(never, listOf(object('setTracerProvider', 'an OpenTelemetry instrumentation'))),
  shutdownTimeoutMs: milliseconds(0)
})
