import { ROOT_CONTEXT, SpanKind, TraceFlags, createContextKey, trace } from '@opentelemetry/api'
import { AlwaysOffSampler, SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace'
import t from 'tap'
import type { LettaOtelOptions } from '../../lib/options.ts'
import { decide } from '../../lib/recorder/head-sampling.ts'
import { SpanIds } from '../../lib/recorder/span-ids.ts'
import { routeSampler } from '../../lib/runtime/route-sampler.ts'
import { headSampling } from '../../lib/runtime/sampler.ts'
import { REQUEST_SAMPLING_KEY, type RequestSampling } from '../../lib/vocabulary/sampling.ts'
import { runtimeOptions } from '../fixtures/options.ts'

const KEY = createContextKey(REQUEST_SAMPLING_KEY)
const LOW = '00000000000000000000000000000001'
const HIGH = 'ffffffff000000000000000000000000'
const warn = (warning: string): void => { throw new Error(warning) }

interface Case {
  readonly sampling: RequestSampling | undefined
  readonly flags: number | undefined
  readonly traceId: string
  readonly kind: SpanKind
}

function contextOf ({ sampling, flags, traceId }: Case): typeof ROOT_CONTEXT {
  const context = sampling === undefined ? ROOT_CONTEXT : ROOT_CONTEXT.setValue(KEY, sampling)
  return flags === undefined ? context : trace.setSpanContext(context, { traceId, spanId: '1'.repeat(16), traceFlags: flags, isRemote: true })
}

function ask (sampler: Sampler, given: Case): SamplingDecision {
  return sampler.shouldSample(contextOf(given), given.traceId, 'x', given.kind, {}, []).decision
}

t.test('both engines decide alike, whatever the environment, the route and the caller say', async t => {
  const names = [undefined, 'always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio']
  const samplings = [undefined, ...[undefined, 0, 0.1, 1].flatMap(ratio => [true, false].map(recordUnsampled => ({ ratio, recordUnsampled })))]
  for (const name of names) {
    const options = runtimeOptions({}, name === undefined ? {} : { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: '0.5' })
    const sampler = routeSampler(options, warn)
    const head = headSampling(options, warn)
    for (const sampling of samplings) {
      for (const flags of [undefined, TraceFlags.NONE, TraceFlags.SAMPLED]) {
        for (const traceId of [LOW, HIGH, '5fffffff000000000000000000000000']) {
          for (const kind of [SpanKind.SERVER, SpanKind.CLIENT]) {
            const given: Case = { sampling, flags, traceId, kind }
            const { sampled, recorded } = decide(head, kind, contextOf(given), SpanIds.of({ traceId, spanId: '1'.repeat(16) }), flags === undefined ? undefined : { traceFlags: flags })
            const expected = sampled ? SamplingDecision.RECORD_AND_SAMPLED : recorded ? SamplingDecision.RECORD : SamplingDecision.NOT_RECORD
            if (ask(sampler, given) !== expected) t.fail(`${name}: ${JSON.stringify(given)}`)
          }
        }
      }
    }
  }
  t.pass()
})

t.test('a sampler given in code is asked as before, and gives way to a route\'s ratio', async t => {
  const asked: unknown[][] = []
  const given: Sampler = {
    shouldSample (...all) {
      asked.push(all)
      return { decision: SamplingDecision.NOT_RECORD, attributes: { a: 1 } }
    },
    toString: () => 'Mine'
  }
  const sampler = routeSampler(runtimeOptions({ sampler: given } satisfies LettaOtelOptions, { OTEL_TRACES_SAMPLER: 'always_off' }), warn)
  const context = ROOT_CONTEXT.setValue(KEY, { ratio: undefined, recordUnsampled: true })
  const links = [{ context: { traceId: LOW, spanId: '1'.repeat(16), traceFlags: 1 } }]
  t.strictSame(sampler.shouldSample(context, LOW, 'x', SpanKind.SERVER, { b: 2 }, links), { decision: SamplingDecision.RECORD, attributes: { a: 1 } })
  t.strictSame(asked, [[context, LOW, 'x', SpanKind.SERVER, { b: 2 }, links]])
  t.equal(ask(sampler, { sampling: { ratio: 1, recordUnsampled: false }, flags: undefined, traceId: HIGH, kind: SpanKind.SERVER }), SamplingDecision.RECORD_AND_SAMPLED)
  t.equal(asked.length, 1)
  t.equal(String(sampler), 'RouteSampler{Mine}')
  t.match(String(routeSampler(runtimeOptions({ sampler: new AlwaysOffSampler() }), warn)), /AlwaysOff/)
})
