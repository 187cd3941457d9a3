const ESCAPED = /\\([\\,=])/g
const PAIR = /(?:\\[\\,=]|[^,])+/gs
/** A backslash that escapes nothing stands for itself. */
const NAME_AND_VALUE = /^((?:\\[\\,=]|\\(?![\\,=])|[^\\=])+)=(.*)$/s

/**
 * The pairs of a text such as `name=value,other=value`, or nothing where a part of it is no pair. A backslash stands before a comma or a
 * backslash, and in names before `=`.
 */
export function pairsIn (text: string): Readonly<Record<string, string>> | undefined {
  const pairs: Array<[name: string, value: string]> = []
  for (const [pair] of text.matchAll(PAIR)) {
    const [, name, value] = NAME_AND_VALUE.exec(pair) ?? []
    if (name === undefined || value === undefined) return undefined
    pairs.push([name.replace(ESCAPED, '$1'), value.replace(ESCAPED, '$1')])
  }
  return Object.fromEntries(pairs)
}
