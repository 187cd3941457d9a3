import { logAttributes, logEvent } from 'letta-otel'
import type { Tool } from './tool.ts'

/** What a tool returned, or why it could not. */
export interface ToolReturn {
  readonly status: 'success' | 'error'
  readonly content: string
}

/**
 * Calls a tool as the model asked for it. Never throws: the model reads what went wrong and may try again. The current span,
 * which is the tool's, says it too.
 */
export function callTool (tools: readonly Tool[], name: string, argumentsText: string): ToolReturn {
  const result = resultOf(tools, name, argumentsText)
  if (result.status === 'error') logEvent('tool failed', { tool: name, reason: result.content })
  else logAttributes({ 'tool.result.length': result.content.length })
  return result
}

function resultOf (tools: readonly Tool[], name: string, argumentsText: string): ToolReturn {
  const tool = tools.find(candidate => candidate.name === name)
  if (tool === undefined) return { status: 'error', content: `There is no tool "${name}".` }
  try {
    return { status: 'success', content: tool.run(parseArguments(argumentsText)) }
  } catch (problem) {
    return { status: 'error', content: problem instanceof Error ? problem.message : String(problem) }
  }
}

function parseArguments (text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text === '' ? '{}' : text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('The arguments must be a JSON object.')
  return value as Record<string, unknown>
}
