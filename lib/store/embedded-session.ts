import { statementFailure } from './engine-error.ts'

/** The part of a session of chDB that is used here. */
interface ChdbSession {
  queryAsync (sql: string, options: { format: string }): Promise<{ bytes (): Uint8Array }>
  close (): void
}

/**
 * One connection to an embedded engine. Settings, parameters (`SET param_x = …`), the database of USE and temporary tables are
 * those of the connection alone. Statements of one connection run one after the other, those of several beside each other, all off
 * the event loop.
 */
export class EmbeddedSession {
  readonly #session: ChdbSession

  constructor (session: ChdbSession) {
    this.#session = session
  }

  /**
   * Runs statements, with `;` between them.
   *
   * @param format of the answer, where the last statement does not name one
   * @throws {LETTA_OTEL_STORE_STATEMENT_FAILED} the engine refused; its own words are in the cause's message
   */
  async run (sql: string, format = 'Null'): Promise<Uint8Array> {
    try {
      const result = await this.#session.queryAsync(sql, { format })
      return result.bytes()
    } catch (problem) {
      throw Object.assign(statementFailure('a statement', problem, true), { cause: problem })
    }
  }

  /** What still runs is finished first. */
  close (): void {
    this.#session.close()
  }
}
