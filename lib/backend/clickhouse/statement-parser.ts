import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { withoutEnd } from '../../store/sql-names.ts'
import { Exception } from './exception.ts'
import { quoteText } from './statement.ts'

/** Characters of a statement, without the rows that it inserts. */
const STATEMENT_MAX = 16 * 1024 * 1024
/** Bytes; texts grow where they are quoted. */
const QUERY_MAX = 4 * STATEMENT_MAX

/**
 * The engine's own parser, in a session that no client's settings reach. Only what it gives back is looked at and run: whatever a
 * statement was written like, what was found permitted is what is done.
 */
export class StatementParser {
  readonly #session: EmbeddedSession
  #ready: Promise<void> | undefined

  constructor (session: EmbeddedSession) {
    this.#session = session
  }

  /**
   * One statement as the engine writes it: keywords in capitals, no comments, without rows that stand behind it.
   *
   * @throws {Exception} it is none, or they are several
   */
  async parse (text: string): Promise<string> {
    if (text.trim() === '') throw Exception.of(62, 'SYNTAX_ERROR', 'Empty query')
    if (text.length > STATEMENT_MAX) throw Exception.of(62, 'SYNTAX_ERROR', `Max query size exceeded: a statement has at most ${STATEMENT_MAX} characters`)
    try {
      // On a command line, what is no statement is an expression.
      await (this.#ready ??= this.#prepare())
      const parsed = await this.#session.run(`SELECT formatQuery(${quoteText(withoutEnd(text))})`, 'TabSeparatedRaw')
      return Buffer.from(parsed).toString().trimEnd()
    } catch (problem) {
      throw new Exception(((problem as Error).cause as Error).message.replace(/: In scope SELECT formatQuery\([\s\S]*(?= \([A-Z_]+\)\s*$)/, ''))
    }
  }

  /** Ends statements of other sessions. @param sql of this process's own */
  async kill (sql: string): Promise<void> {
    await this.#session.run(sql)
  }

  /** What failed once, for want of memory say, is tried again by the next. */
  async #prepare (): Promise<void> {
    try {
      await this.#session.run(`SET max_query_size = ${QUERY_MAX}, implicit_select = 0`)
    } catch (problem) {
      this.#ready = undefined
      throw problem
    }
  }

  close (): void {
    this.#session.close()
  }
}
