import type { ErrorLog } from '../ambient/context-attributes.ts'
import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../errors.ts'
import { PARAMETER_LIMITS, type ParameterLimits } from '../vocabulary/method-tracing.ts'

/** Options of {@link traceMethod}. */
export interface TraceMethodOptions {
  /** Name of the spans. @default `Class.method`, `module.function`, or the function's name */
  name?: string
  /** Where the function stands, for the name of a function that is no method, and for `function.module`. @default none */
  module?: string
  /** Names of the parameters by position, where the source has none; false for no parameters at all. @default read from the function's source */
  parameters?: readonly string[] | false
  /** Parameters to record by type and id only, besides those that are left out because they are large. @default [] */
  exclude?: readonly string[]
  /** Parameters to record although they are among those that are left out. @default ['request_data'] */
  include?: readonly string[]
  /** How much of the parameters is recorded. @default { value: 2_097_152, total: 4_194_304, items: 1_000 } */
  limits?: Partial<ParameterLimits>
  /** Gets a line for each call that was cancelled outside a request; inside one, `request.log` does. @default none */
  logger?: ErrorLog
}

export interface ResolvedTraceMethodOptions {
  readonly name: string | undefined
  readonly module: string | undefined
  readonly parameters: readonly string[] | false | undefined
  readonly exclude: readonly string[]
  readonly include: readonly string[]
  readonly limits: ParameterLimits
  readonly logger: ErrorLog | undefined
}

type Check = (value: unknown) => boolean

const text: Check = value => typeof value === 'string' && value !== ''
const names: Check = value => Array.isArray(value) && value.every(text)
const count: Check = value => Number.isSafeInteger(value) && (value as number) >= 0
const object: Check = value => typeof value === 'object' && value !== null && !Array.isArray(value)

const NAMES_FIX = 'use an array of parameter names'
const CHECKS: Readonly<Record<keyof TraceMethodOptions, readonly [check: Check, fix: string]>> = {
  name: [text, 'use a text'],
  module: [text, 'use a text'],
  parameters: [value => value === false || names(value), `${NAMES_FIX}, or false`],
  exclude: [names, NAMES_FIX],
  include: [names, NAMES_FIX],
  limits: [object, `use an object with ${Object.keys(PARAMETER_LIMITS).join(', ')}`],
  logger: [value => object(value) && typeof (value as ErrorLog).error === 'function', 'use an object with a method error']
}

/** @throws {LETTA_OTEL_INVALID_OPTION} an option is unknown or ill-typed */
export function resolveTraceMethodOptions (options: TraceMethodOptions = {}): ResolvedTraceMethodOptions {
  checkKnown('traceMethod', options, Object.keys(CHECKS))
  for (const [name, [check, fix]] of Object.entries(CHECKS)) {
    const value = options[name as keyof TraceMethodOptions]
    if (value !== undefined && !check(value)) throw new LETTA_OTEL_INVALID_OPTION(`traceMethod.${name}`, describeValue(value), fix)
  }
  return {
    name: options.name,
    module: options.module,
    parameters: options.parameters,
    exclude: options.exclude ?? [],
    include: options.include ?? [],
    limits: resolveLimits(options.limits ?? {}),
    logger: options.logger
  }
}

function resolveLimits (limits: Partial<ParameterLimits>): ParameterLimits {
  checkKnown('traceMethod.limits', limits, Object.keys(PARAMETER_LIMITS))
  for (const [name, value] of Object.entries(limits)) {
    if (value !== undefined && !count(value)) {
      throw new LETTA_OTEL_INVALID_OPTION(`traceMethod.limits.${name}`, describeValue(value), 'use a whole number from 0')
    }
  }
  return {
    value: limits.value ?? PARAMETER_LIMITS.value,
    total: limits.total ?? PARAMETER_LIMITS.total,
    items: limits.items ?? PARAMETER_LIMITS.items
  }
}

function checkKnown (path: string, options: object, known: readonly string[]): void {
  if (!object(options)) throw new LETTA_OTEL_INVALID_OPTION(path, describeValue(options), 'use an object')
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new LETTA_OTEL_INVALID_OPTION(`${path}.${name}`, 'given', `use one of: ${known.join(', ')}`)
  }
}
