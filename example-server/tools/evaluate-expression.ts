import { traceMethod } from 'letta-otel'

const TOKEN = /\s*(?:(\d+(?:\.\d+)?|\.\d+)|([-+*/%^()]))/y
const EXPRESSION_MAX_LENGTH = 200

const SUMS: Operators = { '+': (a, b) => a + b, '-': (a, b) => a - b }
const PRODUCTS: Operators = { '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b }

type Operators = Readonly<Record<string, (a: number, b: number) => number>>

/**
 * The value of an arithmetic expression, found by recursive descent; nothing of it is ever run as code.
 *
 * @throws the expression cannot be read, or has no finite value
 */
export const evaluate = traceMethod(function evaluate (expression: string): number {
  if (expression.length > EXPRESSION_MAX_LENGTH) throw new Error(`The expression is longer than ${EXPRESSION_MAX_LENGTH} characters.`)
  const value = new ExpressionReader(tokens(expression)).read()
  if (!Number.isFinite(value)) throw new Error(`"${expression}" has no finite value.`)
  return value
})

function tokens (expression: string): string[] {
  const text = expression.trimEnd()
  const found: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) throw new Error(`"${expression}" cannot be read at "${text.slice(at).trimStart().charAt(0)}".`)
    found.push(match[1] ?? match[2] ?? '')
  }
  return found
}

class ExpressionReader {
  readonly #tokens: readonly string[]
  #at = 0

  constructor (tokens: readonly string[]) {
    this.#tokens = tokens
  }

  read (): number {
    const value = this.#sum()
    if (this.#at < this.#tokens.length) throw new Error(`"${this.#tokens[this.#at]}" is not expected here.`)
    return value
  }

  #sum (): number {
    return this.#chain(SUMS, () => this.#chain(PRODUCTS, () => this.#signed()))
  }

  #chain (operators: Operators, operand: () => number): number {
    let value = operand()
    for (;;) {
      const operator = operators[this.#tokens[this.#at] ?? '']
      if (operator === undefined) return value
      this.#at++
      value = operator(value, operand())
    }
  }

  #signed (): number {
    if (this.#take('-')) return -this.#signed()
    if (this.#take('+')) return this.#signed()
    return this.#power()
  }

  /** Binds tighter than a sign before it and is right-associative: -2 ^ 2 is -4, 2 ^ 3 ^ 2 is 512. */
  #power (): number {
    const base = this.#operand()
    return this.#take('^') ? base ** this.#signed() : base
  }

  #operand (): number {
    if (this.#take('(')) {
      const value = this.#sum()
      if (!this.#take(')')) throw new Error('A closing parenthesis is missing.')
      return value
    }
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new Error('The expression ends too early.')
    const value = Number(token)
    if (Number.isNaN(value)) throw new Error(`"${token}" is not expected here.`)
    return value
  }

  #take (token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }
}
