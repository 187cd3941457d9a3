import { randomUUID } from 'node:crypto'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { ANSWER_MAX } from '../access/engine-access.ts'
import type { Budget } from './budget.ts'
import { Exception } from './exception.ts'
import { withoutQuoted } from './permitted.ts'
import { runStatement } from './run-statement.ts'
import { answerIntoFile, quoteText } from './statement.ts'

export interface AnswerRoom {
  /** Where answers are written before they are read; of this process alone. */
  readonly directory: string
  /** Of answers that clients have not read yet. */
  readonly answers: Budget
  /** Ends a statement that runs, which its own session cannot. */
  readonly kill: (sql: string) => Promise<unknown>
}

/** Milliseconds: the engine writes about a megabyte in one, so that an answer which is too large has some tens of them more. */
const LOOK_MS = 20
const LISTS_ROWS = /^[(\s]*(?:SELECT|WITH)\b/

/**
 * The answer of a statement, of 256 MiB at most. The engine's own limit counts columns before they are text, one of the same value in
 * all rows as that one value, and it builds all of an answer in memory, twice; so rows go to a file, whose length is looked at while it grows.
 *
 * @param statement in the engine's own words
 * @param format of the answer
 * @returns its bytes, which `answers` has counted
 * @throws {Exception} TOO_MANY_ROWS_OR_BYTES, TOO_MANY_SIMULTANEOUS_QUERIES, or in the engine's words
 */
export async function runBounded (session: EmbeddedSession, statement: string, format: string, { directory, answers, kill }: AnswerRoom): Promise<Uint8Array> {
  if (!/^\w+$/.test(format)) throw Exception.of(73, 'UNKNOWN_FORMAT', `Unknown format ${format.slice(0, 100)}`)
  if (!LISTS_ROWS.test(statement) || /\bINTO OUTFILE\b/.test(withoutQuoted(statement))) {
    const bytes = await runStatement(session, statement, format)
    answers.take(bytes.length)
    return bytes
  }
  const path = join(directory, `answer-${randomUUID()}`)
  const watch = new Watch(path, kill)
  try {
    await runStatement(session, answerIntoFile(statement, path, format), 'Null').finally(async () => { await watch.end() })
    const bytes = await lengthAt(path)
    if (bytes > ANSWER_MAX) throw tooLarge()
    answers.take(bytes)
    if (bytes === 0) return Buffer.alloc(0)
    try {
      return await readFile(path)
    } catch (problem) {
      answers.give(bytes)
      throw problem
    }
  } catch (problem) {
    if (watch.isTooLarge) throw tooLarge()
    throw new Exception((problem as Error).message.replaceAll(path, 'the answer'))
  } finally {
    await rm(path, { force: true })
  }
}

/** Looks at the length of a file until it is too large, and then ends the statement that writes it. */
class Watch {
  isTooLarge = false
  readonly #path: string
  readonly #kill: AnswerRoom['kill']
  readonly #timer: NodeJS.Timeout
  #looking: Promise<void> | undefined

  constructor (path: string, kill: AnswerRoom['kill']) {
    this.#path = path
    this.#kill = kill
    this.#timer = setInterval(() => { this.#looking ??= this.#look().finally(() => { this.#looking = undefined }) }, LOOK_MS)
  }

  async #look (): Promise<void> {
    if (await lengthAt(this.#path) <= ANSWER_MAX) return
    this.isTooLarge = true
    // What fails, for want of memory say, is tried again.
    await this.#kill(`KILL QUERY WHERE position(query, ${quoteText(this.#path)}) > 0 AND NOT startsWith(query, 'KILL') ASYNC`).catch(() => {})
  }

  async end (): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }
}

async function lengthAt (path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

function tooLarge (): Exception {
  return Exception.of(396, 'TOO_MANY_ROWS_OR_BYTES', `Limit for result exceeded, max bytes: the answer has more than ${ANSWER_MAX}. Ask for less at a time`)
}
