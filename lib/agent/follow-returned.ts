import { context } from '@opentelemetry/api'
import type { ObservedCall } from '../trace/observe-result.ts'
import { followStream, type ReadNotes, type Within } from './follow-stream.ts'
import { watchBody } from './watch-body.ts'

/** A stream that is neither read nor cancelled would be waited for until the application closes. */
const dropped = new FinalizationRegistry<ObservedCall>(call => { call.abandon() })

/**
 * A web stream, or a response with one: work ends when it has been read to its end, was cancelled or failed. What reads from
 * the source runs in the context of the work.
 *
 * @returns what stands for it; nothing where it is neither, or is being read already
 */
export function followReturned (value: object, work: ObservedCall): object | undefined {
  const notes: ReadNotes = {
    chunk () {},
    done () { work.succeed() },
    fail (error) { work.fail(error) },
    stop () { work.stop() }
  }
  const within: Within = read => context.with(work.context, read)
  if (value instanceof ReadableStream) {
    return value.locked ? undefined : watched(followStream(value, notes, within), work)
  }
  if (!(value instanceof Response) || value.body?.locked !== false || value.bodyUsed) return undefined
  try {
    const response = watchBody(value, value.body, notes, within)
    watched(response.body ?? response, work)
    return response
  } catch {
    // None can be made that says the same.
    return undefined
  }
}

function watched<Target extends object> (target: Target, work: ObservedCall): Target {
  dropped.register(target, work)
  return target
}
