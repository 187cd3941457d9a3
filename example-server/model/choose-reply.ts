import type { ChatMessage } from '../agent/chat-message.ts'
import type { CompletionRequest } from './completion-request.ts'

/** A tool the model wants to see called. */
export interface ChosenToolCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, string>>
}

/** What the model says: text, or a tool it wants first. */
export interface ChosenReply {
  readonly text: string
  readonly toolCall?: ChosenToolCall
}

const CALCULATION = /[\d.(][\d\s.+\-*/%^()]*[+\-*/%^][\d\s.+\-*/%^()]*[\d)]/
const TIME = /\b(time|date|day is it)\b/i
const TIME_ZONE = /\b[A-Z][a-z]+\/[A-Z][A-Za-z_]+\b/
const COUNT = /\b(?:count|how many) (?:the )?words\b[^:]*:?\s*(.*)$/is

const ANSWERS = [
  'That is a good question. I am a small model that ships with an example, so what I say is made up, but it arrives the way real answers do: one token after another, with a pause in between.',
  'Let me think about that. There are two sides to it, and both deserve a closer look; whoever traces this request can see exactly how long the look took.',
  'Here is what I would do: start small, measure, and change one thing at a time. Everything else follows from there.',
  'I remember what we talked about before, and I would say the same again, only shorter.'
]

/** Chooses what to say from the last message alone. */
export function chooseReply ({ messages, tools = [] }: Pick<CompletionRequest, 'messages' | 'tools'>): ChosenReply {
  const last = messages.at(-1)
  if (last?.role === 'tool') return { text: `The tool says: ${last.content}` }
  const text = last?.content ?? ''
  const toolCall = chooseTool(text)
  if (toolCall !== undefined && tools.some(tool => tool.function.name === toolCall.name)) return { text: '', toolCall }
  return { text: ANSWERS[countOf(messages, 'user') % ANSWERS.length] as string }
}

function chooseTool (text: string): ChosenToolCall | undefined {
  const counted = COUNT.exec(text)?.[1]
  if (counted !== undefined && counted !== '') return { name: 'count_words', arguments: { text: counted } }
  const expression = CALCULATION.exec(text)?.[0]
  if (expression !== undefined) return { name: 'calculate', arguments: { expression: expression.trim() } }
  if (!TIME.test(text)) return undefined
  const zone = TIME_ZONE.exec(text)?.[0]
  return { name: 'current_time', arguments: zone === undefined ? {} : { time_zone: zone } }
}

function countOf (messages: readonly ChatMessage[], role: ChatMessage['role']): number {
  return messages.filter(message => message.role === role).length
}
