import { PROVIDER_OF_HOST } from '../vocabulary/generative-ai.ts'
import { JsonFields } from './json-fields.ts'

/** What a request to a model provider says of itself. */
export interface ProviderRequest {
  /** `gen_ai.operation.name`. */
  readonly operation: string
  /** As rows name it: `chat`, `responses`, `text_completion` or `embeddings`. */
  readonly callType: string
  readonly provider: string
  /** Whether the host tells the provider; else it is the one whose API has this shape. */
  readonly isKnownHost: boolean
  /** `''` where the request does not say, or cannot be read without taking it away from who sends it. */
  readonly model: string
  readonly streamed: boolean | undefined
  /** Its body, where that is at hand. */
  readonly body: Uint8Array | undefined
  /** Nanoseconds after which the client gives up, where it says so. */
  readonly timeLimit: bigint | undefined
}

/** One of the calls that are known by the end of their path and by what their body has to have. */
interface Shape {
  readonly path: RegExp
  /** What is asked is in one of these. */
  readonly fields: readonly string[]
  readonly operation: string
  readonly callType: string
  /** Whose shape it is, for hosts that tell nothing. */
  readonly provider: string
}

const SHAPES: readonly Shape[] = [
  { path: /\/chat\/completions$/, fields: ['messages'], operation: 'chat', callType: 'chat', provider: 'openai' },
  { path: /\/responses$/, fields: ['input', 'prompt'], operation: 'chat', callType: 'responses', provider: 'openai' },
  { path: /\/embeddings$/, fields: ['input'], operation: 'embeddings', callType: 'embeddings', provider: 'openai' },
  { path: /\/completions$/, fields: ['prompt'], operation: 'text_completion', callType: 'text_completion', provider: 'openai' },
  { path: /\/v1\/messages$/, fields: ['messages'], operation: 'chat', callType: 'chat', provider: 'anthropic' }
]

/** Paths under which providers have these APIs. */
const API_PATH = /\/(?:v1|openai)\//
/** Clients that Stainless makes, as OpenAI's and Anthropic's, say in it after how many whole seconds they give up. */
const TIME_LIMIT_HEADER = 'x-stainless-timeout'
/** Azure names a model by its deployment. */
const NAMED_MODEL = /\/deployments\/[^/]+\//

/**
 * Recognizes calls of the OpenAI and Anthropic APIs by method, path and body, at whichever host they are.
 *
 * @returns nothing where it is another request
 */
export function recognizeRequest (input: string | URL | Request, init: RequestInit | undefined): ProviderRequest | undefined {
  const request = input instanceof Request ? input : undefined
  if ((init?.method ?? request?.method ?? 'GET').toUpperCase() !== 'POST') return undefined
  const url = request?.url ?? String(input)
  const { hostname, pathname } = URL.canParse(url) ? new URL(url) : { hostname: '', pathname: '' }
  const shape = SHAPES.find(({ path }) => path.test(pathname))
  if (shape === undefined) return undefined
  const { operation, callType } = shape
  const provider = providerOf(hostname)
  const body = bytesOf(init?.body)
  const timeLimit = timeLimitOf(init?.headers ?? request?.headers)
  const known = { operation, callType, provider: provider ?? shape.provider, isKnownHost: provider !== undefined, timeLimit }
  // A stream, and the body of a Request, can be read once: by who sends them. The path alone has to say enough then.
  if (body === undefined) return API_PATH.test(pathname) ? { ...known, model: '', streamed: undefined, body } : undefined
  const fields = new JsonFields(['model', 'stream'])
  fields.push(body)
  if (!shape.fields.some(name => fields.has(name)) || !(fields.has('model') || NAMED_MODEL.test(pathname))) return undefined
  const model = fields.get('model')
  return { ...known, model: typeof model === 'string' ? model : '', streamed: fields.get('stream') === true, body }
}

/** The header leaves out fractions: of a limit below a second nothing is known. Headers of other kinds may be read only once. */
function timeLimitOf (headers: RequestInit['headers']): bigint | undefined {
  const seconds = headers instanceof Headers ? Number(headers.get(TIME_LIMIT_HEADER)) : 0
  return Number.isSafeInteger(seconds) && seconds > 0 ? BigInt(seconds) * 1_000_000_000n : undefined
}

function bytesOf (body: RequestInit['body']): Uint8Array | undefined {
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  return ArrayBuffer.isView(body) ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : undefined
}

function providerOf (hostname: string): string | undefined {
  const labels = hostname.split('.')
  for (let first = 0; first < labels.length - 1; first++) {
    const provider = PROVIDER_OF_HOST.get(labels.slice(first).join('.'))
    if (provider !== undefined) return provider
  }
  return undefined
}
