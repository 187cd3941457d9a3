import { evaluate } from './evaluate-expression.ts'
import { textArgument, type Tool } from './tool.ts'

export const calculate: Tool = {
  name: 'calculate',
  description: 'Evaluates an arithmetic expression with + - * / % ^ and parentheses.',
  parameters: {
    type: 'object',
    properties: { expression: { type: 'string', description: 'For example (2 + 3) * 4.' } },
    required: ['expression']
  },
  run (input) {
    const result = evaluate(textArgument(input, 'expression'))
    // 0.1 + 0.2 is 0.3 for whoever asks.
    return String(Number(result.toPrecision(15)))
  }
}
