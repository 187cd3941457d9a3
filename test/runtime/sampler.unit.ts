import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api'
import { AlwaysOffSampler, type SamplingResult } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { chooseSampler } from '../../lib/runtime/sampler.ts'
import { runtimeOptions } from '../fixtures/options.ts'

const LOW = '00000000000000000000000000000001'
const HIGH = 'ffffffff000000000000000000000000'
const SAMPLED = 2

function sampled (env: Record<string, string>, parent?: 'sampled' | 'unsampled', traceId = HIGH): boolean {
  const sampler = chooseSampler(runtimeOptions({}, env), warning => { throw new Error(warning) })
  const parentContext = parent === undefined
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '1'.repeat(16), traceFlags: parent === 'sampled' ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true })
  const { decision }: SamplingResult = sampler.shouldSample(parentContext, traceId, 'x', SpanKind.SERVER, {}, [])
  return decision === SAMPLED
}

t.test('each name decides as it should: root, below a sampled parent, below one that is not', async t => {
  const decisions: Array<[name: string | undefined, boolean, boolean, boolean]> = [
    [undefined, true, true, false],
    ['always_on', true, true, true],
    ['always_off', false, false, false],
    ['parentbased_always_on', true, true, false],
    ['parentbased_always_off', false, true, false]
  ]
  for (const [name, ...expected] of decisions) {
    const env = name === undefined ? {} : { OTEL_TRACES_SAMPLER: name }
    t.strictSame([sampled(env), sampled(env, 'sampled'), sampled(env, 'unsampled')], expected, name ?? 'default')
  }
})

t.test('ratios go by the trace id', async t => {
  const env = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' }
  t.strictSame([sampled(env, undefined, LOW), sampled(env, undefined, HIGH), sampled(env, 'sampled', HIGH)], [true, false, false])
  const parentBased = { ...env, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' }
  t.strictSame([sampled(parentBased, undefined, LOW), sampled(parentBased, undefined, HIGH), sampled(parentBased, 'sampled', HIGH)], [true, false, true])
  t.equal(sampled({ ...env, OTEL_TRACES_SAMPLER_ARG: '0' }, undefined, LOW), false)
  t.equal(sampled({ ...env, OTEL_TRACES_SAMPLER_ARG: '1' }, undefined, HIGH), true)
})

t.test('a ratio that is missing or wrong counts as 1, with a warning', async t => {
  for (const [argument, shown] of [[undefined, 'undefined'], ['half', '"half"'], ['-0.1', '"-0.1"'], ['1.1', '"1.1"'], ['NaN', '"NaN"']] as const) {
    const warnings: string[] = []
    const env = { OTEL_TRACES_SAMPLER: 'traceidratio', ...(argument !== undefined && { OTEL_TRACES_SAMPLER_ARG: argument }) }
    const sampler = chooseSampler(runtimeOptions({}, env), warning => { warnings.push(warning) })
    t.equal(sampler.shouldSample(ROOT_CONTEXT, HIGH, 'x', SpanKind.SERVER, {}, []).decision, SAMPLED)
    t.strictSame(warnings, [`environment variable OTEL_TRACES_SAMPLER_ARG is ignored: use a number from 0 to 1, not ${shown}`])
  }
})

t.test('a sampler given in code wins', async t => {
  const sampler = new AlwaysOffSampler()
  t.equal(chooseSampler(runtimeOptions({ sampler }, { OTEL_TRACES_SAMPLER: 'always_on' }), () => {}), sampler)
})
