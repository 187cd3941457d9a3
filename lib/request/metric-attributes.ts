import type { Attributes } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE, ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION, ATTR_URL_SCHEME
} from '../vocabulary/attributes.ts'
import { ATTR_ENDPOINT_METHOD, ATTR_ENDPOINT_PATH, ATTR_ENDPOINT_STATUS_CODE, UNKNOWN_ENDPOINT } from '../vocabulary/metrics.ts'
import type { Outcome } from './outcome.ts'
import type { RequestRecord } from './request-record.ts'
import { protocolVersion } from './connection-attributes.ts'

/** Attributes of `http.server.request.duration`. */
export function durationAttributes ({ request, facts, scheme }: RequestRecord, { statusCode, errorType }: Outcome): Attributes {
  const attributes: Attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: facts.method,
    [ATTR_URL_SCHEME]: scheme,
    [ATTR_NETWORK_PROTOCOL_VERSION]: protocolVersion(request.raw.httpVersion)
  }
  if (facts.route !== undefined) attributes[ATTR_HTTP_ROUTE] = facts.route
  if (statusCode !== undefined) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = statusCode
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType
  return attributes
}

/** Attributes of the two endpoint instruments. */
export function endpointAttributes ({ ambient, facts }: RequestRecord, { statusCode }: Outcome): Attributes {
  const attributes: Attributes = {
    ...ambient.attributes,
    [ATTR_ENDPOINT_PATH]: facts.route ?? UNKNOWN_ENDPOINT,
    [ATTR_ENDPOINT_METHOD]: facts.method
  }
  if (statusCode !== undefined) attributes[ATTR_ENDPOINT_STATUS_CODE] = statusCode
  return attributes
}
