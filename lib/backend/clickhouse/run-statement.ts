import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { FILE_REFUSED } from '../access/engine-access.ts'
import { Exception } from './exception.ts'
import { denied } from './permitted.ts'

/**
 * Runs what was found permitted.
 *
 * @throws {Exception} in the engine's words, when it refused
 */
export async function runStatement (session: EmbeddedSession, sql: string, format: string): Promise<Uint8Array> {
  try {
    return await session.run(sql, format)
  } catch (problem) {
    const { message } = (problem as Error).cause as Error
    throw message.includes(FILE_REFUSED) ? denied(FILE_REFUSED) : new Exception(message)
  }
}
