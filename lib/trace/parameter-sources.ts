import { parse, tokenizer, type Node, type Options, type Pattern } from 'acorn'
import { types } from 'node:util'
import { dataProperty } from './describe-value.ts'

/** One parameter of a function: its name, and its value among the arguments of a call. */
export interface ParameterSource {
  readonly name: string
  read (args: readonly unknown[]): unknown
}

/** Parameters by position, under names that the user gives. */
export function namedParameters (names: readonly string[]): ParameterSource[] {
  return names.map((name, index) => ({ name, read: args => args[index] }))
}

/**
 * Parameters as the function's source names them: those of a destructured object by key, those of a destructured array by
 * name. None where there is no source to read, as of native and bound functions.
 */
export function readParameters (fn: (...args: never[]) => unknown): ParameterSource[] {
  try {
    return parametersOf(Function.prototype.toString.call(fn)).flatMap((pattern, index) => sourcesOf(pattern, args => args[index], index))
  } catch {
    return []
  }
}

// A module's syntax, with what only its surroundings allow: `super` and private names in default values.
const SYNTAX: Options = {
  ecmaVersion: 'latest', sourceType: 'module', allowSuperOutsideMethod: true, checkPrivateFields: false, allowAwaitOutsideFunction: true
}

/** Only the parameters are parsed: a body may be long, and its first call waits. */
function parametersOf (source: string): Pattern[] {
  const [program] = parse(`(function (${parameterList(source)}) {})`, SYNTAX).body as unknown as [{ expression: { params: Pattern[] } }]
  return program.expression.params
}

/** The text between the parentheses, or the name before the arrow of a function that has none. */
function parameterList (source: string): string {
  let name: string | undefined
  let depth = 0
  let start = 0
  for (const { type: { label }, start: from, end } of tokenizer(source, SYNTAX)) {
    if (label === '=>' && depth === 0) return name ?? ''
    if (label === '(' && depth === 0) start = end
    if (['(', '[', '{', '${'].includes(label)) depth++
    else if ([')', ']', '}'].includes(label) && --depth === 0 && label === ')') return source.slice(start, from)
    name = source.slice(from, end)
  }
  throw new SyntaxError('no parameters')
}

type Read = (args: readonly unknown[]) => unknown

function sourcesOf (pattern: Pattern, read: Read, index: number): ParameterSource[] {
  switch (pattern.type) {
    case 'Identifier': return [{ name: pattern.name, read }]
    // The default stands in the function: a call that leaves the parameter out has no value to show.
    case 'AssignmentPattern': return sourcesOf(pattern.left, read, index)
    case 'RestElement': return sourcesOf(pattern.argument, args => args.slice(index), index)
    case 'ArrayPattern': return pattern.elements.flatMap((element, at) => element === null ? [] : elementSources(element, read, at))
    case 'ObjectPattern': return pattern.properties.flatMap(property => {
      const key = property.type === 'Property' && !property.computed ? keyOf(property.key) : undefined
      return key === undefined ? [] : [{ name: key, read: args => propertyOf(read(args), key) }]
    })
    default: return []
  }
}

function elementSources (element: Pattern, read: Read, at: number): ParameterSource[] {
  return sourcesOf(
    element.type === 'RestElement' ? element.argument : element,
    args => {
      const value = read(args)
      if (!Array.isArray(value) || types.isProxy(value)) return undefined
      return element.type === 'RestElement' ? value.slice(at) : dataProperty(value, at)
    }, at)
}

function keyOf (key: Node): string | undefined {
  if (key.type === 'Identifier') return (key as { name?: string }).name
  return key.type === 'Literal' ? String((key as { value?: unknown }).value) : undefined
}

function propertyOf (value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? dataProperty(value, key) : undefined
}
