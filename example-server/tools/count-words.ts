import { textArgument, type Tool } from './tool.ts'

const WORDS = new Intl.Segmenter('en', { granularity: 'word' })

export const countWords: Tool = {
  name: 'count_words',
  description: 'Counts the words of a text.',
  parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  run (input) {
    let words = 0
    for (const { isWordLike } of WORDS.segment(textArgument(input, 'text'))) if (isWordLike === true) words++
    return String(words)
  }
}
