import {
  AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, TraceIdRatioBasedSampler, type Sampler
} from '@opentelemetry/sdk-trace'
import type { RuntimeOptions } from '../options.ts'
import type { HeadSampling } from '../recorder/head-sampling.ts'

const DEFAULT = 'parentbased_always_on'

/** What `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` name, for the engine that decides without a sampler. */
export function headSampling (options: RuntimeOptions, warn: (warning: string) => void): HeadSampling {
  const name = options.samplerName ?? DEFAULT
  return { ratio: rootRatio(name, options.samplerArgument, warn), followsParent: name.startsWith('parentbased_'), routesDecide: routesDecide(options) }
}

/** Whoever sets the environment to `always_off` wants no trace to begin here, whatever the code asks for. */
export function routesDecide ({ sampler, samplerName = DEFAULT }: RuntimeOptions): boolean {
  return sampler !== undefined || !samplerName.endsWith('always_off')
}

/** The sampler an option gives, or the one that `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` name. */
export function chooseSampler (options: RuntimeOptions, warn: (warning: string) => void): Sampler {
  if (options.sampler !== undefined) return options.sampler
  const name = options.samplerName ?? DEFAULT
  const root = rootSampler(name, options.samplerArgument, warn)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

function rootSampler (name: string, argument: string | undefined, warn: (warning: string) => void): Sampler {
  if (name.endsWith('always_off')) return new AlwaysOffSampler()
  return name.endsWith('always_on') ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(rootRatio(name, argument, warn))
}

function rootRatio (name: string, argument: string | undefined, warn: (warning: string) => void): number {
  if (name.endsWith('always_off')) return 0
  return name.endsWith('always_on') ? 1 : ratio(argument, warn)
}

/** The specification: an argument that is missing or wrong counts as 1, with a warning. */
function ratio (argument: string | undefined, warn: (warning: string) => void): number {
  const value = argument === undefined ? NaN : Number(argument)
  if (value >= 0 && value <= 1) return value
  warn(`environment variable OTEL_TRACES_SAMPLER_ARG is ignored: use a number from 0 to 1, not ${JSON.stringify(argument)}`)
  return 1
}
