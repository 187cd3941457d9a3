/** RFC 9110's methods, PATCH (RFC 5789) and QUERY: what a server span may be named after (semantic conventions). */
export const KNOWN_METHODS: readonly string[] = Object.freeze([
  'CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'
])

/** `http.request.method` of any other method. */
export const OTHER_METHOD = '_OTHER'
/** What a span's name says in place of any other method. */
export const OTHER_METHOD_IN_NAME = 'HTTP'
