import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ModelRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: any
}

export interface ModelProvider {
  readonly url: string
  readonly requests: ModelRequest[]
}

/** How one request is answered. */
export type Answer = (response: ServerResponse, request: ModelRequest) => unknown

interface Closing { teardown (handler: () => Promise<unknown>): void }

/** A model provider on a free port of this machine, which gives its answers in turn, the last one again and again. */
export async function modelProvider (t: Closing, ...answers: Answer[]): Promise<ModelProvider> {
  const requests: ModelRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('end', () => {
      const received = { path: request.url ?? '', headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString() || 'null') }
      const answer = answers[Math.min(requests.length, answers.length - 1)]!
      requests.push(received)
      void answer(response, received)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.closeAllConnections()
    await new Promise(resolve => { server.close(resolve) })
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

/** The address of a port on which nobody listens any more. */
export async function closedPort (): Promise<string> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => { server.close(resolve) })
  return `http://127.0.0.1:${port}`
}

export function json (body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return response => { response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body)) }
}

/** Server-sent events; what is not text is JSON. */
export function events (...list: unknown[]): Answer {
  return response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of list) response.write(eventOf(event))
    response.end()
  }
}

/** Sends these and then closes the connection in the middle of the answer. */
export function diesAfter (...list: unknown[]): Answer {
  return async response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    await new Promise<void>(resolve => { response.write(list.map(eventOf).join(''), () => { resolve() }) })
    setImmediate(() => { response.destroy() })
  }
}

/** Sends these and then nothing more, until the client goes away. */
export function stallsAfter (...list: unknown[]): Answer & { readonly closed: Promise<void> } {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  return Object.assign((response: ServerResponse) => {
    response.on('close', resolve)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(list.map(eventOf).join(''))
  }, { closed })
}

function eventOf (event: unknown): string {
  if (typeof event === 'string') return event
  const type = (event as { type?: string }).type
  return `${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(event)}\n\n`
}

export const DONE = 'data: [DONE]\n\n'

const CHAT = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-2024-08-06' }

/** A chunk of OpenAI's chat completions. */
export function chatChunk (delta: object, finishReason: string | null = null): object {
  return { ...CHAT, choices: [{ index: 0, delta, finish_reason: finishReason }] }
}

export function chatUsage (prompt: number, completion: number): object {
  return { ...CHAT, choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion } }
}

export const CHAT_ANSWER = {
  id: 'chatcmpl-2',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 100, completion_tokens: 20, total_tokens: 120, prompt_tokens_details: { cached_tokens: 40 }, completion_tokens_details: { reasoning_tokens: 5 }
  }
}

const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-example-20260101', content: [], stop_reason: null, stop_sequence: null }

export const MESSAGE_START = { type: 'message_start', message: { ...MESSAGE, usage: { input_tokens: 10, cache_read_input_tokens: 30, cache_creation_input_tokens: 5, output_tokens: 1 } } }
export const TEXT_START = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }
export const textDelta = (text: string): object => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })
export const BLOCK_STOP = { type: 'content_block_stop', index: 0 }
export const messageDelta = (outputTokens: number, reason = 'end_turn'): object =>
  ({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: outputTokens } })
export const MESSAGE_STOP = { type: 'message_stop' }

export const MESSAGE_ANSWER = {
  ...MESSAGE, content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn', usage: { input_tokens: 10, cache_read_input_tokens: 30, output_tokens: 7 }
}
