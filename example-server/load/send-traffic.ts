import { setTimeout as pause } from 'node:timers/promises'
import type { Api } from './api.ts'
import { KINDS, type Kind } from './kinds.ts'
import type { Results } from './results.ts'
import type { TrafficOptions } from './traffic-options.ts'

/** A server that does not keep up gets no more on top. */
const UNDER_WAY_MAX = 200

/** Sends requests of every kind at an even rate until the time is over or `stop` is aborted, and waits for their answers. */
export async function sendTraffic (api: Api, agentIds: readonly string[], options: Pick<TrafficOptions, 'seconds' | 'rate'>, results: Results, stop: AbortSignal): Promise<void> {
  const underWay = new Set<Promise<void>>()
  const start = performance.now()
  const kinds = endlessKinds()
  for (let sent = 0; sent < options.seconds * options.rate && !stop.aborted; sent++) {
    await pause(Math.max(0, start + sent * 1_000 / options.rate - performance.now()), undefined, { signal: stop }).catch(() => {})
    if (stop.aborted) break
    if (underWay.size >= UNDER_WAY_MAX) await Promise.race(underWay)
    const sending = send(kinds.next().value, api, agentIds[sent % agentIds.length] as string, results, stop).finally(() => { underWay.delete(sending) })
    underWay.add(sending)
  }
  await Promise.all(underWay)
}

async function send (kind: Kind, api: Api, agentId: string, results: Results, stop: AbortSignal): Promise<void> {
  const start = performance.now()
  const answer = await kind.send(api, agentId).catch(() => 'failed' as const)
  // What an interruption cut off says nothing about the server.
  if (!stop.aborted) results.add(kind.name, answer, performance.now() - start)
}

/** Kinds in their shares and in no order. Like cards from a deck: also a short run has some of each. */
function * endlessKinds (): Generator<Kind, never> {
  const deck = KINDS.flatMap(kind => Array<Kind>(kind.share).fill(kind))
  for (;;) {
    for (let last = deck.length - 1; last > 0; last--) {
      const other = Math.floor(Math.random() * (last + 1));
      [deck[last], deck[other]] = [deck[other] as Kind, deck[last] as Kind]
    }
    yield * deck
  }
}
