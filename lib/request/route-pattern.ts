/**
 * Whether one of `patterns` names the endpoint. A text is `METHOD route` or a route alone; a RegExp is tried on
 * `METHOD route`. Called once per route, never per request.
 */
export function matchesRoute (patterns: ReadonlyArray<string | RegExp>, method: string, route: string): boolean {
  const endpoint = `${method} ${route}`
  return patterns.some(pattern => {
    if (typeof pattern === 'string') return pattern === endpoint || pattern === route
    pattern.lastIndex = 0
    return pattern.test(endpoint)
  })
}
