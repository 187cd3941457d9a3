import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A request that the provider got. */
export interface ProviderCall {
  readonly headers: IncomingMessage['headers']
  readonly body: any
}

/** How the provider answers one call. */
export type ProviderAnswer = (response: ServerResponse) => void

export interface ScriptedProvider {
  readonly baseUrl: string
  readonly calls: readonly ProviderCall[]
}

/** A provider on a real socket that gives these answers one after the other, the last one again and again. */
export async function scriptedProvider (t: { after: (end: () => void) => void }, ...answers: ProviderAnswer[]): Promise<ScriptedProvider> {
  const calls: ProviderCall[] = []
  const server = createServer(async (request, response) => {
    calls.push({ headers: request.headers, body: await json(request) })
    const answer = answers[Math.min(calls.length, answers.length) - 1] as ProviderAnswer
    answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, calls }
}

export function answerWith (status: number, body: object | string, headers: Record<string, string> = {}): ProviderAnswer {
  return response => { response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body)) }
}
