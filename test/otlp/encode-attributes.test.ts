import { setFlagsFromString } from 'node:v8'
import { setImmediate } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import type { Attributes, Span, TracerProvider } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { TracerProvider as SdkTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { composeRequest } from '../../lib/export/compose-request.ts'
import { loadOtlpJson } from '../../lib/export/otlp-json.ts'
import { FastTracerProvider } from '../../lib/recorder/fast-tracer-provider.ts'
import { DEFAULT_SPAN_LIMITS } from '../../lib/recorder/span-limits.ts'
import { plainAttributes } from '../export/otlp-messages.ts'
import { RESOURCE } from '../export/parcels.ts'

/** `levels` of objects or arrays in each other. */
function nested (levels: number, wrap: (value: unknown) => unknown): unknown {
  let value: unknown = 'core'
  for (let level = 0; level < levels; level++) value = wrap(value)
  return value
}

const inObject = (value: unknown): unknown => ({ a: value })
const inArray = (value: unknown): unknown => [value]

function record (provider: TracerProvider, value: unknown): Span {
  const attributes = { deep: value, plain: 1 } as Attributes
  const span = provider.getTracer('x').startSpan('a', { attributes })
  span.addLink({ context: span.spanContext(), attributes })
  span.end()
  return span
}

async function withFastEngine (value: unknown): Promise<any> {
  const fragments: Array<{ scope: Uint8Array, items: Uint8Array }> = []
  const provider = new FastTracerProvider({
    sampler: undefined, limits: DEFAULT_SPAN_LIMITS, maxAgeMs: 10_000, sink: { take ({ scope, spans }) { fragments.push({ scope, items: spans }) } }
  })
  record(provider, value)
  provider.handOver()
  const request = composeRequest(RESOURCE, fragments.map(fragment => ({ signal: 'traces', count: 1, ...fragment })))
  return JSON.parse((await loadOtlpJson())('traces', request)).resourceSpans[0].scopeSpans[0].spans[0]
}

t.test('what is nested too deeply for readers of protobuf is cut off, and the rest is as it was', async t => {
  for (const wrap of [inObject, inArray]) {
    for (const [levels, expected] of [[24, nested(24, wrap)], [25, nested(24, wrap)], [500, nested(24, wrap)]] as const) {
      const { attributes, links } = await withFastEngine(nested(levels, wrap))
      const text = JSON.stringify(expected).replace('core', levels === 24 ? 'core' : '[nested too deeply]')
      for (const list of [attributes, links[0].attributes]) {
        const { deep, plain } = plainAttributes(list)
        t.equal(JSON.stringify(deep), text, `${levels} levels`)
        t.equal(plain, 1)
      }
    }
  }
})

t.test('the SDK sends it as it is, and a reader refuses the whole request', async t => {
  const ended: ReadableSpan[] = []
  const provider = new SdkTracerProvider({
    spanProcessors: [{ onStart () {}, onEnd (span) { ended.push(span) }, async forceFlush () {}, async shutdown () {} }]
  })
  record(provider, nested(40, inObject))
  const json = await loadOtlpJson()
  t.throws(() => json('traces', ProtobufTraceSerializer.serializeRequest(ended) as Uint8Array), /max depth/)
})

t.test('what clients named is not kept: keys of maps, and long keys', async t => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const provider = new FastTracerProvider({ sampler: undefined, limits: DEFAULT_SPAN_LIMITS, maxAgeMs: 10_000, sink: { take () {} } })
  const used = (): number => {
    provider.handOver()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = used()
  for (let n = 0; n < 100; n++) {
    const key = `${n}${'k'.repeat(300_000)}`
    const attributes = { [key]: 1, map: { [key]: 1 }, list: [{ [key]: 1 }] } as Attributes
    provider.getTracer('x').startSpan('a', { attributes }).end()
  }
  // Memory outside of the heap is given back by another thread, after the collection.
  let kept = used() - before
  for (let tries = 0; tries < 100 && kept >= 10_000_000; tries++) {
    await setImmediate()
    kept = used() - before
  }
  t.ok(kept < 10_000_000, `${kept} bytes`)
})
