/**
 * Attribute names. The stable ones come from the OpenTelemetry semantic conventions (1.45); the others are the names
 * of the Letta server, which this package reproduces.
 */
export {
  ATTR_CLIENT_ADDRESS,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL
} from '@opentelemetry/semantic-conventions'

/** `http.request.header.<lower-case name>`, a string array (semantic conventions). */
export const requestHeaderAttribute = (name: string): string => `http.request.header.${name}`
/** `http.response.header.<lower-case name>`, a string array (semantic conventions). */
export const responseHeaderAttribute = (name: string): string => `http.response.header.${name}`
/** `http.request.body.<key>` (Letta): one top-level field of a JSON body. */
export const requestBodyAttribute = (key: string): string => `http.request.body.${key}`
/** `http.<parameter>` (Letta): one path parameter, for example `http.agent_id`. */
export const pathParameterAttribute = (name: string): string => `http.${name}`

/** Milliseconds from the start of the request to the first byte of a streamed body. */
export const ATTR_LETTA_TTFB_MS = 'letta.ttfb_ms'

/** Why a request that was not sampled was exported all the same: it failed, or it took long. */
export const ATTR_LETTA_KEPT = 'letta.kept'
export const KEPT_ERROR = 'error'
export const KEPT_SLOW = 'slow'

/** The names Letta's own spans use for what `http.request.method`, `url.*` and `http.response.status_code` say today. */
export const ATTR_LETTA_HTTP_METHOD = 'http.method'
export const ATTR_LETTA_HTTP_URL = 'http.url'
export const ATTR_LETTA_HTTP_STATUS_CODE = 'http.status_code'

/** Resource attributes of a Letta server. */
export const ATTR_LETTA_VERSION = 'letta.version'
export const ATTR_LETTA_ENVIRONMENT = 'environment'
export const ATTR_DEVICE_ID = 'device.id'
/** Release candidates in the semantic conventions, so spelled out here. */
export const ATTR_HOST_NAME = 'host.name'
export const ATTR_DEPLOYMENT_ENVIRONMENT_NAME = 'deployment.environment.name'
export const ATTR_SERVICE_INSTANCE_ID = 'service.instance.id'

/** `error.type` of a request that ended before its response was complete. */
export const ERROR_TYPE_CLIENT_DISCONNECTED = 'client_disconnected'
export const ERROR_TYPE_CONNECTION_CLOSED = 'connection_closed'
export const ERROR_TYPE_TIMEOUT = 'timeout'
