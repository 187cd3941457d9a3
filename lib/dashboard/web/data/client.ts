import type { Answer, Failure } from '../../api/answer.ts'

/** What a column holds is for the query to say: its kinds are in {@link Result.columns}. */
export type Row = Readonly<Record<string, any>>
export type Result = Answer<Row>

/** What the server said of why it has no answer. */
export class AskError extends Error {
  readonly code: string
  constructor ({ code, message }: Pick<Failure, 'code' | 'message'>) {
    super(message)
    this.code = code
  }
}

export type Parameters = Readonly<Record<string, string | number | undefined>>

export function queryUrl (name: string, parameters: Parameters): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(parameters)) if (value !== undefined && value !== '') query.set(key, String(value))
  return `/api/queries/${name}?${query.toString()}`
}

/**
 * @typeParam Body what the server answers at this path
 * @throws {AskError} what the server says, or that it cannot be reached
 */
export async function ask<Body = Result> (url: string, init: RequestInit = {}): Promise<Body> {
  let response: Response
  try {
    response = await fetch(url, init)
  } catch (problem) {
    if (init.signal?.aborted === true) throw problem
    throw new AskError({ code: 'UNREACHABLE', message: 'The server of this page does not answer. Start it again with: npx letta-otel dev' })
  }
  // An answer that is given up on its way is no answer; of one that failed, whatever it says.
  if (response.ok) return await response.json() as Body
  throw new AskError(await response.json().catch(() => ({ code: `HTTP_${response.status}`, message: response.statusText })) as Failure)
}
