import { diag, type Tracer, type TracerProvider } from '@opentelemetry/api'
import type { Sampler } from '@opentelemetry/sdk-trace'
import { AttributeEncoder } from '../otlp/encode-attributes.ts'
import { encodeScope } from '../otlp/encode-scope.ts'
import { ProtobufWriter } from '../otlp/protobuf-writer.ts'
import { writeSpan } from './encode-span.ts'
import type { FastSpan, SpanScope } from './fast-span.ts'
import { FastTracer } from './fast-tracer.ts'
import { PARENT_BASED_ALWAYS_ON, type HeadSampling } from './head-sampling.ts'
import { RandomIds } from './random-ids.ts'
import { SpanCounts } from './span-counts.ts'
import type { SpanLimits } from './span-limits.ts'
import { AnchoredWallClock } from './span-time.ts'

/** Spans of one scope in OTLP: the fields `scope` and `spans` of `ScopeSpans`, to be put together with others. */
export interface SpanChunk {
  /** The scope's part of `ScopeSpans`, encoded once. */
  readonly scope: Uint8Array
  /** Encoded spans, one after the other. */
  readonly spans: Uint8Array
  readonly count: number
}

/** What becomes of finished chunks. */
export interface SpanChunkSink {
  /** Takes a chunk and the memory behind its spans. */
  take (chunk: SpanChunk): void
  /** Memory of a chunk that was taken before and is free again. */
  spareMemory? (): ArrayBuffer | undefined
}

/** What a provider is made of. */
export interface FastTracerProviderOptions {
  /** Asked about each span; without one, `head` decides. */
  readonly sampler: Sampler | undefined
  /** @default every trace that its caller did not decide against */
  readonly head?: HeadSampling
  readonly limits: SpanLimits
  /** Where encoded spans go; without it none is encoded. */
  readonly sink?: SpanChunkSink | undefined
  /** Told of each sampled span when it has ended, with the name of its scope, instead of encoding it. */
  readonly onEnd?: ((span: FastSpan, scope: string) => void) | undefined
  /** Milliseconds that an encoded span waits for others at most. */
  readonly maxAgeMs: number
  /** Brings to its destination what was handed over. */
  readonly forceFlush?: () => Promise<unknown>
  /** The same, before everything stops. */
  readonly shutdown?: () => Promise<unknown>
}

/** Bytes in a chunk after which it is handed over. */
const CHUNK_BYTES = 256 * 1024

const SCOPE_SPANS_SPANS = 0x12

/** Records spans by encoding each to OTLP when it ends. */
export class FastTracerProvider implements TracerProvider {
  readonly counts = new SpanCounts()
  readonly #options: FastTracerProviderOptions
  readonly #ids = new RandomIds()
  readonly #clock = new AnchoredWallClock()
  readonly #encoder = new AttributeEncoder()
  readonly #tracers = new Map<string, FastTracer>()
  readonly #chunks: ScopeChunk[] = []

  constructor (options: FastTracerProviderOptions) {
    this.#options = options
  }

  getTracer (name: string, version = '', options?: { schemaUrl?: string }): Tracer {
    const schemaUrl = options?.schemaUrl ?? ''
    const key = `${name}@${version}:${schemaUrl}`
    let tracer = this.#tracers.get(key)
    if (tracer === undefined) {
      const { limits, sampler, head = PARENT_BASED_ALWAYS_ON } = this.#options
      const scope: SpanScope = { limits, clock: this.#clock, counts: this.counts, encode: this.#taker(name, version, schemaUrl) }
      tracer = new FastTracer({ sampler, head, ids: this.#ids }, scope)
      this.#tracers.set(key, tracer)
    }
    return tracer
  }

  #taker (name: string, version: string, schemaUrl: string): SpanScope['encode'] {
    const { sink, maxAgeMs, onEnd } = this.#options
    if (onEnd !== undefined) return span => { onEnd(span, name) }
    if (sink === undefined) return () => {}
    const chunk = new ScopeChunk(encodeScope({ name, version, schemaUrl }), sink, maxAgeMs, this.counts)
    this.#chunks.push(chunk)
    return span => { chunk.add(span, this.#encoder) }
  }

  /** Spans that are encoded and not handed over yet. */
  get waiting (): number {
    return this.#chunks.reduce((sum, { count }) => sum + count, 0)
  }

  /** Gives the sink what was encoded so far. */
  handOver (): void {
    for (const chunk of this.#chunks) chunk.handOver()
  }

  /** What wrappers of serverless functions call, as the SDK's provider has it. Never rejects. */
  async forceFlush (): Promise<void> {
    this.handOver()
    await this.#options.forceFlush?.()
  }

  /** As {@link forceFlush}, and for good. Never rejects. */
  async shutdown (): Promise<void> {
    this.handOver()
    await this.#options.shutdown?.()
  }
}

/** The chunk of one scope that is being filled. */
class ScopeChunk {
  readonly #scope: Uint8Array
  readonly #sink: SpanChunkSink
  readonly #maxAgeMs: number
  readonly #counts: SpanCounts
  #writer: ProtobufWriter | undefined
  #count = 0
  #timer: NodeJS.Timeout | undefined

  constructor (scope: Uint8Array, sink: SpanChunkSink, maxAgeMs: number, counts: SpanCounts) {
    this.#scope = scope
    this.#sink = sink
    this.#maxAgeMs = maxAgeMs
    this.#counts = counts
  }

  get count (): number {
    return this.#count
  }

  add (span: FastSpan, encoder: AttributeEncoder): void {
    const writer = this.#writer ??= new ProtobufWriter(this.#sink.spareMemory?.() ?? CHUNK_BYTES + 4_096)
    const start = writer.at
    try {
      writeSpan(writer, SCOPE_SPANS_SPANS, span, encoder)
    } catch (fault) {
      // Nothing half-written may stay, and ending a span is nothing that may fail.
      writer.at = start
      this.#counts.invalid++
      diag.error('a span was lost: it cannot be encoded', fault)
      return
    }
    this.#count++
    if (writer.at >= CHUNK_BYTES) this.handOver()
    else this.#timer ??= setTimeout(() => { this.handOver() }, this.#maxAgeMs).unref()
  }

  handOver (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const writer = this.#writer
    if (writer === undefined || this.#count === 0) return
    const count = this.#count
    this.#writer = undefined
    this.#count = 0
    this.#sink.take({ scope: this.#scope, spans: writer.written, count })
  }
}
