import { isObject, readUsage, type UsageNews } from './usage.ts'

/** A part of a tool call that a model asks for; parts of one call have the same key. */
export interface ToolCallPart {
  readonly key: string
  readonly name?: string
  readonly arguments?: string
}

/** What an answer, or a chunk of one, says. */
export interface AnswerPart {
  /** It carries something of the answer itself: text, reasoning, arguments of a tool, sound. */
  readonly content?: boolean
  readonly text?: string
  readonly reasoning?: string
  readonly toolCalls?: readonly ToolCallPart[]
  readonly id?: string
  readonly model?: string
  readonly usage?: UsageNews
  readonly finishReason?: string
  /** Nothing of the answer is to come. */
  readonly complete?: boolean
  /** Of an answer in several versions: which of them this is a part of, and whether it is the last of it. */
  readonly choices?: ReadonlyArray<{ readonly index: number, readonly isLast: boolean }>
  readonly error?: { readonly type: string, readonly message: string }
}

type Fields = Record<string, unknown>

/**
 * Reads a chunk of a streamed answer, in OpenAI's shapes (chat and text completions, responses) or Anthropic's (messages).
 *
 * @returns nothing where it is of none of these shapes
 */
export function readChunk (chunk: unknown): AnswerPart | undefined {
  if (!isObject(chunk)) return undefined
  if (Array.isArray(chunk['choices'])) return readCompletionChunk(chunk, chunk['choices'])
  const { type } = chunk
  if (chunk['error'] !== undefined && chunk['error'] !== null) return { error: readError(chunk['error']) }
  if (typeof type !== 'string') return undefined
  if (type === 'error') return { error: readError(chunk) }
  return type.startsWith('response.') ? readResponseEvent(type, chunk) : readMessageEvent(type, chunk)
}

/** Reads a whole answer, of the same shapes. */
export function readAnswer (answer: unknown): AnswerPart | undefined {
  if (!isObject(answer)) return undefined
  if (isObject(answer['error'])) return { ...head(answer), error: readError(answer['error']) }
  const choice = Array.isArray(answer['choices']) ? answer['choices'][0] as unknown : undefined
  const reason = isObject(choice) ? choice['finish_reason'] : answer['stop_reason'] ?? answer['status']
  return { ...head(answer), ...typeof reason === 'string' && { finishReason: reason }, complete: true }
}

/** The `error` of a provider: its code, else its type, is what tells kinds of errors apart. */
export function readError (error: unknown): { type: string, message: string } {
  if (!isObject(error)) return { type: '', message: typeof error === 'string' ? error : '' }
  const { code, type, message } = error
  return {
    type: typeof code === 'string' && code !== '' ? code : typeof type === 'string' ? type : '',
    message: typeof message === 'string' ? message : ''
  }
}

function head (answer: Fields): AnswerPart {
  const { id, model } = answer
  const usage = readUsage(answer['usage'])
  return { ...typeof id === 'string' && { id }, ...typeof model === 'string' && { model }, ...usage !== undefined && { usage } }
}

function readCompletionChunk (chunk: Fields, items: readonly unknown[]): AnswerPart {
  const choices = items.filter(isObject)
  if (choices.length === 0) return head(chunk)
  const deltas = choices.map(choice => readDelta(isObject(choice['delta']) ? choice['delta'] : choice))
  const reason = choices.map(choice => choice['finish_reason']).find(given => typeof given === 'string')
  return {
    ...head(chunk),
    ...deltas.find(({ content }) => content) ?? deltas[0],
    ...reason !== undefined && { finishReason: reason },
    choices: choices.map(({ index, finish_reason: given }) => ({ index: typeof index === 'number' ? index : 0, isLast: typeof given === 'string' }))
  }
}

function readDelta (delta: Fields): AnswerPart {
  const text = nonEmpty(delta['content']) ?? nonEmpty(delta['refusal']) ?? nonEmpty(delta['text'])
  const reasoning = nonEmpty(delta['reasoning_content']) ?? nonEmpty(delta['reasoning'])
  const toolCalls = Array.isArray(delta['tool_calls']) && delta['tool_calls'].length > 0 ? delta['tool_calls'].map(completionToolCall) : undefined
  const content = text !== undefined || reasoning !== undefined || toolCalls !== undefined || isObject(delta['audio']) || isObject(delta['function_call'])
  return { content, ...text !== undefined && { text }, ...reasoning !== undefined && { reasoning }, ...toolCalls !== undefined && { toolCalls } }
}

function completionToolCall (call: unknown, position: number): ToolCallPart {
  const { index = position, function: called } = isObject(call) ? call : {}
  return isObject(called) ? toolCall(String(index), called['name'], called['arguments']) : { key: String(index) }
}

function readResponseEvent (type: string, event: Fields): AnswerPart {
  const response = isObject(event['response']) ? event['response'] : {}
  const delta = nonEmpty(event['delta'])
  if (type.endsWith('.delta')) {
    if (delta === undefined) return {}
    if (type.includes('arguments') || type.includes('custom_tool')) return { content: true, toolCalls: [toolCall(indexOf(event['output_index']), undefined, delta)] }
    return type.includes('reasoning') ? { content: true, reasoning: delta } : { content: true, text: delta }
  }
  switch (type) {
    case 'response.created': return head(response)
    case 'response.output_item.added': {
      const item = isObject(event['item']) ? event['item'] : {}
      return item['type'] === 'function_call' ? { toolCalls: [toolCall(indexOf(event['output_index']), item['name'], undefined)] } : {}
    }
    case 'response.completed':
    case 'response.incomplete': return { ...head(response), finishReason: type.slice(9), complete: true }
    case 'response.failed': return { ...head(response), error: readError(response['error']), complete: true }
    default: return {}
  }
}

function readMessageEvent (type: string, event: Fields): AnswerPart | undefined {
  switch (type) {
    case 'message_start': return isObject(event['message']) ? head(event['message']) : {}
    case 'content_block_start': {
      const block = isObject(event['content_block']) ? event['content_block'] : {}
      return block['type'] === 'tool_use' ? { toolCalls: [toolCall(indexOf(event['index']), block['name'], undefined)] } : {}
    }
    case 'content_block_delta': return isObject(event['delta']) ? readBlockDelta(event['delta'], indexOf(event['index'])) : {}
    case 'message_delta': {
      const reason = isObject(event['delta']) ? event['delta']['stop_reason'] : undefined
      return { ...head(event), ...typeof reason === 'string' && { finishReason: reason } }
    }
    case 'message_stop': return { complete: true }
    case 'content_block_stop':
    case 'ping': return {}
    default: return undefined
  }
}

function readBlockDelta (delta: Fields, index: string): AnswerPart {
  const text = nonEmpty(delta['text'])
  if (text !== undefined) return { content: true, text }
  const reasoning = nonEmpty(delta['thinking'])
  if (reasoning !== undefined) return { content: true, reasoning }
  const json = nonEmpty(delta['partial_json'])
  return json === undefined ? {} : { content: true, toolCalls: [toolCall(index, undefined, json)] }
}

function indexOf (value: unknown): string {
  return typeof value === 'number' ? String(value) : '0'
}

function toolCall (key: string, name: unknown, args: unknown): ToolCallPart {
  return { key, ...typeof name === 'string' && { name }, ...typeof args === 'string' && { arguments: args } }
}

function nonEmpty (value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
