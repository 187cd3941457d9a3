import type { SpanContext } from '@opentelemetry/api'
import { hexOf, type RandomIds } from './random-ids.ts'

/**
 * The ids of a span as 32-bit words, most significant first: what is written to OTLP, copied to a child and made at
 * random, without a text in between.
 */
export class SpanIds {
  trace0 = 0
  trace1 = 0
  trace2 = 0
  trace3 = 0
  span0 = 0
  span1 = 0

  /** A new span, in the trace of `parent` or in one of its own. */
  static next (ids: RandomIds, parent: SpanIds | undefined): SpanIds {
    const made = new SpanIds()
    if (parent === undefined) {
      made.trace0 = ids.nextNonZero()
      made.trace1 = ids.next()
      made.trace2 = ids.next()
      made.trace3 = ids.next()
    } else {
      made.trace0 = parent.trace0
      made.trace1 = parent.trace1
      made.trace2 = parent.trace2
      made.trace3 = parent.trace3
    }
    made.span0 = ids.nextNonZero()
    made.span1 = ids.next()
    return made
  }

  /** The ids of a valid span context. */
  static of ({ traceId, spanId }: Pick<SpanContext, 'traceId' | 'spanId'>): SpanIds {
    const ids = new SpanIds()
    ids.trace0 = word(traceId, 0)
    ids.trace1 = word(traceId, 8)
    ids.trace2 = word(traceId, 16)
    ids.trace3 = word(traceId, 24)
    ids.span0 = word(spanId, 0)
    ids.span1 = word(spanId, 8)
    return ids
  }

  get traceId (): string {
    return hexOf(this.trace0) + hexOf(this.trace1) + hexOf(this.trace2) + hexOf(this.trace3)
  }

  get spanId (): string {
    return hexOf(this.span0) + hexOf(this.span1)
  }
}

function word (hexadecimal: string, at: number): number {
  let value = 0
  for (let index = at; index < at + 8; index++) value = (value << 4) | digitOf(hexadecimal.charCodeAt(index))
  return value
}

/** 0-9 are 48-57; a-f are 97-102, A-F 65-70. */
function digitOf (code: number): number {
  return code < 58 ? code - 48 : (code & 0x0f) + 9
}
