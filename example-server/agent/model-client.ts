import type { Tool } from '../tools/tool.ts'
import type { ChatMessage, ModelReply } from './chat-message.ts'
import { MODEL_FAILED } from './errors.ts'
import { eventStreamData } from './event-stream-data.ts'
import { ReplyParts, type MessagePart, type UsagePart } from './reply-parts.ts'
import { describeFetchError, requestWithRetry, type CallOptions } from './request-with-retry.ts'

export interface ModelSettings {
  /** Base URL of an OpenAI-compatible API, for example `https://api.openai.com/v1`. */
  readonly baseUrl: string
  readonly apiKey: string | undefined
  readonly model: string
  /** Milliseconds one call may take, its stream included. */
  readonly timeoutMs: number
}

/** The two forms of an answer: `message` in one piece, `delta` in a stream. */
interface Completion {
  readonly choices?: ReadonlyArray<{ readonly message?: MessagePart, readonly delta?: MessagePart }>
  readonly usage?: UsagePart | null
}

/** Calls a model through an OpenAI-compatible chat-completions API. */
export class ModelClient {
  readonly #settings: ModelSettings
  readonly #tools: readonly object[]
  readonly #fetch: typeof fetch

  /** @param fetchModel sends the requests, for example `app.telemetry.fetch` */
  constructor (settings: ModelSettings, tools: readonly Tool[], fetchModel = fetch) {
    this.#settings = settings
    this.#fetch = fetchModel
    this.#tools = tools.map(({ name, description, parameters }) => ({ type: 'function', function: { name, description, parameters } }))
  }

  /** The reply in one piece. */
  async * complete (messages: readonly ChatMessage[], options: CallOptions): AsyncGenerator<string, ModelReply> {
    const response = await this.#post({ messages }, options)
    const parts = new ReplyParts()
    const { choices, usage } = await readJson(response, options.signal)
    const text = parts.add(choices?.[0]?.message, usage)
    if (text !== '') yield text
    return parts.reply
  }

  /** The reply as it is written. */
  async * stream (messages: readonly ChatMessage[], options: CallOptions): AsyncGenerator<string, ModelReply> {
    const response = await this.#post({ messages, stream: true, stream_options: { include_usage: true } }, options)
    const parts = new ReplyParts()
    try {
      for await (const data of eventStreamData(response.body ?? emptyBody())) {
        if (data === '[DONE]') return parts.reply
        const { choices, usage } = JSON.parse(data) as Completion
        const text = parts.add(choices?.[0]?.delta, usage)
        if (text !== '') yield text
      }
    } catch (problem) {
      options.signal.throwIfAborted()
      throw new MODEL_FAILED(`its stream broke off (${describeFetchError(problem)})`)
    }
    throw new MODEL_FAILED('its stream ended early')
  }

  async #post (body: object, options: CallOptions): Promise<Response> {
    const { baseUrl, apiKey, model, timeoutMs } = this.#settings
    return await requestWithRetry(async () => await this.#fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` })
      },
      body: JSON.stringify({ model, tools: this.#tools, ...body }),
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)])
    }), options)
  }
}

async function readJson (response: Response, signal: AbortSignal): Promise<Completion> {
  try {
    return await response.json() as Completion
  } catch (problem) {
    signal.throwIfAborted()
    throw new MODEL_FAILED(`its answer could not be read (${describeFetchError(problem)})`)
  }
}

async function * emptyBody (): AsyncGenerator<Uint8Array> {}
