import type { Environment } from '../options/environment.ts'

/** A variable as a configuration mentions it. */
export interface MentionedVariable {
  readonly name: string
  /** What holds without it, as written: other variables in it are not replaced. Undefined where it has to be set. */
  readonly fallback: string | undefined
  /** Whether another variable's fallback mentions it: the collector takes no `$` in values there. */
  readonly isInFallback: boolean
}

interface Mention {
  readonly name: string
  readonly fallback: string | undefined
  readonly start: number
  readonly end: number
}

/** `${NAME}` is short for `${env:NAME}`, and has no fallback. Of two dollars, the first takes the second's meaning away. */
const MENTION = /(\$+)\{(?:env:([A-Za-z_]\w*)|([A-Za-z_]\w*)(?=\}))/g

/**
 * The environment variables that a configuration mentions, each once: one that is mentioned without a fallback anywhere has
 * none.
 *
 * @param text values of a configuration, without its comments
 */
export function readVariables (text: string): MentionedVariable[] {
  const mentioned = new Map<string, MentionedVariable>()
  let outerEnd = 0
  for (const { name, fallback, start, end } of mentions(text)) {
    const known = mentioned.get(name)
    mentioned.set(name, {
      name,
      fallback: known !== undefined && known.fallback === undefined ? undefined : fallback === undefined ? undefined : known?.fallback ?? fallback,
      isInFallback: start < outerEnd || known?.isInFallback === true
    })
    outerEnd = Math.max(outerEnd, end)
  }
  return [...mentioned.values()]
}

/** Those in fallbacks too, behind the one whose fallback it is. */
function * mentions (text: string): Generator<Mention> {
  for (const match of text.matchAll(MENTION)) {
    const [whole, dollars = '', long, short] = match
    const name = long ?? short
    if (name === undefined || dollars.length % 2 === 0) continue
    const after = match.index + whole.length
    const fallback = text.startsWith(':-', after) ? untilBrace(text, after + 2) : undefined
    const end = (fallback === undefined ? after : after + 2 + fallback.length) + 1
    yield { name, fallback, start: match.index + dollars.length - 1, end }
  }
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
export function resolveVariable (
  { name, fallback }: Pick<MentionedVariable, 'name' | 'fallback'>, env: Environment
): string {
  const value = env[name]
  if (value !== undefined || fallback === undefined) return value ?? ''
  let text = ''
  let at = 0
  for (const mention of mentions(fallback)) {
    if (mention.start < at) continue
    text += fallback.slice(at, mention.start) + resolveVariable(mention, env)
    at = mention.end
  }
  return text + fallback.slice(at)
}
