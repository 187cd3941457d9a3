import type { Attributes, BatchObservableResult, Meter } from '@opentelemetry/api'
import { ATTR_HTTP_REQUEST_METHOD, ATTR_URL_SCHEME } from '../vocabulary/attributes.ts'
import type { InstrumentFacts } from '../vocabulary/metrics.ts'
import { HTTP_SERVER_ACTIVE_REQUESTS, IN_FLIGHT, SSE_ACTIVE_SESSIONS } from '../vocabulary/server-metrics.ts'

/** What is asked of an application's server: the requests that it serves at the moment. */
export type ObservedServer = Iterable<{ readonly method: string, readonly scheme: string, readonly isEventStream: boolean }>

interface ActiveRequests {
  readonly attributes: Attributes
  count: number
}

/**
 * What the servers of a process do at the moment, as metrics: added up, because an attribute set has one value however
 * many applications there are. Asked when metrics are collected.
 */
export class ServerMetrics {
  readonly #servers = new Set<ObservedServer>()
  /** Each that there ever was: the SDK repeats the last value of one that it is not told of. */
  readonly #active = new Map<string, ActiveRequests>()
  readonly #watchEventLoop: () => () => void
  #stopWatching = (): void => {}

  /** @param watchEventLoop begins to watch the event loop; what it returns ends that */
  constructor (meter: Meter, watchEventLoop: () => () => void) {
    this.#watchEventLoop = watchEventLoop
    const upDownCounter = ({ name, ...rest }: InstrumentFacts) => meter.createObservableUpDownCounter(name, rest)
    const active = upDownCounter(HTTP_SERVER_ACTIVE_REQUESTS)
    const inFlight = upDownCounter(IN_FLIGHT)
    const streams = upDownCounter(SSE_ACTIVE_SESSIONS)
    meter.addBatchObservableCallback((result: BatchObservableResult) => {
      const counts = this.#count()
      for (const { attributes, count } of this.#active.values()) result.observe(active, count, attributes)
      result.observe(inFlight, counts.inFlight)
      result.observe(streams, counts.streams)
    }, [active, inFlight, streams])
  }

  /** @returns what ends it */
  observe (server: ObservedServer): () => void {
    if (this.#servers.size === 0) this.#stopWatching = this.#watchEventLoop()
    this.#servers.add(server)
    return () => {
      if (this.#servers.delete(server) && this.#servers.size === 0) this.#stopWatching()
    }
  }

  #count (): { inFlight: number, streams: number } {
    const counts = { inFlight: 0, streams: 0 }
    for (const active of this.#active.values()) active.count = 0
    for (const server of this.#servers) {
      for (const { method, scheme, isEventStream } of server) {
        this.#activeRequests(method, scheme).count++
        counts.inFlight++
        if (isEventStream) counts.streams++
      }
    }
    return counts
  }

  #activeRequests (method: string, scheme: string): ActiveRequests {
    const key = `${method} ${scheme}`
    let active = this.#active.get(key)
    if (active === undefined) {
      this.#active.set(key, active = { attributes: { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_SCHEME]: scheme }, count: 0 })
    }
    return active
  }
}
