import { fieldsOf } from './message-fields.ts'

/** What an endpoint says about a request that it accepted. */
export interface PartialSuccess {
  /** Spans, data points or log records that it did not take. */
  readonly rejected: number
  readonly message: string
}

const NOTHING: PartialSuccess = Object.freeze({ rejected: 0, message: '' })

/**
 * Reads `partial_success` out of an answer: field 1 of `ExportTraceServiceResponse` and of the other signals' messages,
 * with the count in its field 1 and the message in its field 2. An answer that is not such a message says nothing.
 */
export function readPartialSuccess (answer: Uint8Array): PartialSuccess {
  try {
    let found = NOTHING
    for (const field of fieldsOf(answer)) {
      if (field.number !== 1 || field.bytes === undefined) continue
      let rejected = 0
      let message = ''
      for (const inner of fieldsOf(field.bytes)) {
        if (inner.number === 1 && inner.value !== undefined) rejected = inner.value
        if (inner.number === 2 && inner.bytes !== undefined) message = Buffer.from(inner.bytes).toString()
      }
      found = { rejected, message }
    }
    return found
  } catch {
    return NOTHING
  }
}
