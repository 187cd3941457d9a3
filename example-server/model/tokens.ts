/** Cuts a text into pieces of about the length a model's tokens have; together they are the text. */
export function tokensOf (text: string): string[] {
  return text.match(/\s*\S{1,6}/g) ?? []
}
