/** A variable as a configuration mentions it. */
export interface MentionedVariable {
  readonly name: string
  /** What holds without it, as written: other variables in it are not replaced. Undefined where it has to be set. */
  readonly fallback: string | undefined
}

const START = '${env:'
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y

/**
 * The environment variables that a configuration mentions, each once: one that is mentioned without a fallback anywhere has
 * none. Comments do not mention.
 *
 * @param yaml text of a configuration
 */
export function readVariables (yaml: string): MentionedVariable[] {
  const text = yaml.replace(/^\s*#.*$/gm, '')
  const mentioned = new Map<string, string | undefined>()
  for (let at = text.indexOf(START); at !== -1; at = text.indexOf(START, at + START.length)) {
    NAME.lastIndex = at + START.length
    const name = NAME.exec(text)?.[0]
    if (name === undefined) continue
    const after = at + START.length + name.length
    const fallback = text.startsWith(':-', after) ? untilBrace(text, after + 2) : undefined
    if (!mentioned.has(name) || fallback === undefined) mentioned.set(name, fallback)
  }
  return [...mentioned].map(([name, fallback]) => ({ name, fallback }))
}

/** A fallback may hold variables with fallbacks of their own. */
function untilBrace (text: string, start: number): string {
  let depth = 1
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith('${', at)) depth += 1
    if (text[at] === '}') depth -= 1
    if (depth === 0) return text.slice(start, at)
  }
  return text.slice(start)
}

/**
 * The value that the collector sees. To it, a variable that is set and empty is set.
 *
 * @returns the variable's own value, else its fallback with the variables in it replaced; an empty text where there is neither
 */
export function resolveVariable ({ name, fallback }: MentionedVariable, env: Readonly<Record<string, string | undefined>>): string {
  const value = env[name]
  if (value !== undefined || fallback === undefined) return value ?? ''
  return readVariables(fallback).reduce((text, inner) => {
    const mention = inner.fallback === undefined ? `\${env:${inner.name}}` : `\${env:${inner.name}:-${inner.fallback}}`
    return text.replaceAll(mention, () => resolveVariable(inner, env))
  }, fallback)
}
