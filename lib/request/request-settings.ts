import type { Tracer } from '@opentelemetry/api'
import type { RequestOptions } from '../options.ts'
import type { DurationRecorder } from './duration-recorder.ts'
import type { EndpointEvents } from './endpoint-events.ts'
import type { IncomingContextReader } from './incoming-context.ts'
import type { RequestsUnderWay } from './requests-under-way.ts'
import type { RouteFactsCache } from './route-facts.ts'
import type { StatusAttributes } from './status-attributes.ts'

/** What the hooks of one application work with. */
export interface RequestSettings {
  readonly tracer: Tracer
  readonly durations: DurationRecorder
  /** Nothing where nobody is told of metrics; so with the next. */
  readonly events: EndpointEvents | undefined
  readonly underWay: RequestsUnderWay | undefined
  readonly options: RequestOptions
  /** Whether spans have their attributes from the start on, for whoever decides by them. */
  readonly startWithAttributes: boolean
  readonly routes: RouteFactsCache
  readonly statuses: StatusAttributes
  readonly incoming: IncomingContextReader
  /** Told of a fault in telemetry itself; the request goes on. */
  readonly onFault: (fault: unknown) => void
}
