import type { FastifyBaseLogger } from 'fastify'
import type { Turn, TurnEvent } from '../agent/take-turn.ts'
import { messageView, turnView } from './turn-view.ts'

export interface EventStreamOptions {
  /** Aborted when nobody reads any more. */
  readonly client: AbortSignal
  readonly log: Pick<FastifyBaseLogger, 'error' | 'info'>
}

type Step = IteratorResult<TurnEvent, Turn>

/** A turn as server-sent events, to the last line `data: [DONE]`, also when it fails on the way. */
export async function * eventStream (first: Step, events: AsyncGenerator<TurnEvent, Turn>, { client, log }: EventStreamOptions): AsyncGenerator<string, void> {
  try {
    let next = first
    for (; next.done !== true; next = await events.next()) yield eventOf(messageView(next.value))
    const turn = turnView([], next.value)
    yield eventOf({ message_type: 'stop_reason', stop_reason: turn.stop_reason })
    yield eventOf({ message_type: 'usage_statistics', run_id: turn.run_id, ...turn.usage })
  } catch (problem) {
    if (client.aborted) {
      log.info('the client left its stream')
      return
    }
    log.error({ err: problem }, 'stream failed')
    yield eventOf({ message_type: 'error_message', message: problem instanceof Error ? problem.message : String(problem) })
  } finally {
    await events.return(undefined as unknown as Turn)
  }
  yield 'data: [DONE]\n\n'
}

function eventOf (data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}
