import { calculate } from './calculate.ts'
import { countWords } from './count-words.ts'
import { currentTime } from './current-time.ts'
import type { Tool } from './tool.ts'

/** What every agent can do. */
export const TOOLS: readonly Tool[] = [currentTime, calculate, countWords]
