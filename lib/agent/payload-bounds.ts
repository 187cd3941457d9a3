/** What is looked at of one payload at most, before it is redacted and cut off: all of that takes time with each of these. */
export interface PayloadBounds {
  /** Characters, or bytes, of all texts and structure. */
  readonly characters: number
  /** Members and items, also those within others. */
  readonly values: number
  /** Members of one object. */
  readonly members: number
}

export const PAYLOAD_BOUNDS: PayloadBounds = Object.freeze({ characters: 4_194_304, values: 100_000, members: 4_096 })

/** Stands in place of what was not looked at. */
export const MORE = '…'

/** Characters of a word that are more than any secret has. */
const WORD_MAX = 4_096
/** Between words of text or JSON. */
const SEPARATOR = /[\s"',;]/

/** Where text ends, a secret may have been cut in two, and so have lost the form that gives it away. */
export function withoutLastWord (text: string): string {
  let end = text.length
  const least = Math.max(end - WORD_MAX, 0)
  while (end > least && !SEPARATOR.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

/** How much of a text is looked at: one alone shall not leave the others without room. @param used characters before it */
export function roomFor (used: number, { characters }: PayloadBounds): number {
  return Math.max(0, Math.floor((characters - used) / 2))
}
