import type { FastifyContextConfig, FastifyRequest } from 'fastify'
import type { RequestOptions, RouteTelemetryOptions } from '../options.ts'
import { ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_ROUTE } from '../vocabulary/attributes.ts'
import { fixedAttributes, type FixedAttributes } from '../vocabulary/fixed-attributes.ts'
import { OTHER_METHOD, OTHER_METHOD_IN_NAME } from '../vocabulary/methods.ts'
import { matchesRoute } from './route-pattern.ts'
import { routeSampling, type RouteSampling } from './route-sampling.ts'

/** What is the same for every request to one route by one method, found out on the first of them. */
export interface RouteFacts {
  /** `METHOD route`, or the method alone where no route matched. */
  readonly spanName: string
  /** As spans and metrics state it: one of the known methods or `_OTHER`. */
  readonly method: string
  /** The route's template with its prefix, for example `/v1/agents/:agent_id`. */
  readonly route: string | undefined
  /** What every span of the route says. */
  readonly attributes: FixedAttributes
  /** Neither span nor metrics. */
  readonly excluded: boolean
  readonly traced: boolean
  /** Nothing where the process's sampler alone decides. */
  readonly sampling: RouteSampling | undefined
  readonly measured: boolean
  /** Counted by the endpoint instruments. */
  readonly endpointMeasured: boolean
}

type RouteConfig = FastifyContextConfig & { telemetry?: false | RouteTelemetryOptions }

/** Facts by route (its `config` object is its own) and method. */
export class RouteFactsCache {
  readonly #options: RequestOptions
  readonly #routes = new WeakMap<object, Map<string, RouteFacts>>()
  /** Requests that matched no route have no configuration of their own. */
  readonly #unmatched = new Map<string, RouteFacts>()

  constructor (options: RequestOptions) {
    this.#options = options
  }

  of (request: FastifyRequest): RouteFacts {
    const { config, url: route } = request.routeOptions
    if (route === undefined) return this.#unmatchedFacts(request.method)
    let byMethod = this.#routes.get(config)
    if (byMethod === undefined) this.#routes.set(config, byMethod = new Map())
    return this.#find(byMethod, request.method, route, (config as RouteConfig).telemetry)
  }

  /** A client of HTTP/2 may invent methods: all that are not known share one entry. */
  #unmatchedFacts (method: string): RouteFacts {
    const known = this.#options.knownMethods.has(method) ? method : OTHER_METHOD
    return this.#find(this.#unmatched, known, undefined, undefined)
  }

  #find (byMethod: Map<string, RouteFacts>, method: string, route: string | undefined, telemetry: RouteConfig['telemetry']): RouteFacts {
    let facts = byMethod.get(method)
    // A route answers to the methods that it was registered for, which bounds this map.
    if (facts === undefined) byMethod.set(method, facts = factsOf(method, route, telemetry, this.#options))
    return facts
  }
}

function factsOf (method: string, route: string | undefined, telemetry: RouteConfig['telemetry'], options: RequestOptions): RouteFacts {
  const known = options.knownMethods.has(method)
  const excluded = telemetry === false || (route !== undefined && matchesRoute(options.exclude, method, route))
  const nameOfMethod = known ? method : OTHER_METHOD_IN_NAME
  const measured = telemetry === false ? false : telemetry?.metrics ?? true
  const { endpointMetrics, semantics } = options
  const knownMethod = known ? method : OTHER_METHOD
  const endpoint = route ?? ''
  return {
    spanName: route === undefined ? nameOfMethod : `${nameOfMethod} ${route}`,
    method: knownMethod,
    route,
    attributes: fixedAttributes({
      ...(semantics !== 'letta' && { [ATTR_HTTP_REQUEST_METHOD]: knownMethod }),
      ...(route !== undefined && { [ATTR_HTTP_ROUTE]: route })
    }),
    excluded,
    traced: telemetry === false ? false : telemetry?.trace ?? true,
    sampling: routeSampling(telemetry === false ? undefined : telemetry?.sampleRatio, options.keep !== undefined),
    measured,
    endpointMeasured: measured && endpointMetrics !== false &&
      matchesRoute(endpointMetrics.include, method, endpoint) && !matchesRoute(endpointMetrics.exclude, method, endpoint)
  }
}
