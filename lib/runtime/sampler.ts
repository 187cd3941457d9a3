import {
  AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, TraceIdRatioBasedSampler, type Sampler
} from '@opentelemetry/sdk-trace'
import type { RuntimeOptions } from '../options.ts'

const DEFAULT = 'parentbased_always_on'

/** Whether the sampler of that name keeps every trace that its caller did not decide against. */
export function keepsUndecided (samplerName: string | undefined): boolean {
  return (samplerName ?? DEFAULT) === DEFAULT
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
  if (name.endsWith('traceidratio')) return new TraceIdRatioBasedSampler(ratio(argument, warn))
  return new AlwaysOnSampler()
}

/** The specification: an argument that is missing or wrong counts as 1, with a warning. */
function ratio (argument: string | undefined, warn: (warning: string) => void): number {
  const value = argument === undefined ? NaN : Number(argument)
  if (value >= 0 && value <= 1) return value
  warn(`environment variable OTEL_TRACES_SAMPLER_ARG is ignored: use a number from 0 to 1, not ${JSON.stringify(argument)}`)
  return 1
}
