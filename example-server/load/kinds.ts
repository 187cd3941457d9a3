import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { statusOf, type Answer, type Api } from './api.ts'

/** A kind of request that clients send. */
export interface Kind {
  readonly name: string
  /** How many of twenty requests are of this kind. */
  readonly share: number
  send (api: Api, agentId: string): Promise<Answer>
}

const QUESTIONS = [
  'What is (17 + 4) * 2?', 'Tell me something about tracing.', 'What time is it in Asia/Tokyo?',
  'Count the words: the quick brown fox jumps over the lazy dog', 'Should I write more tests?', 'And what is 2 ^ 16 - 1?'
]
const POLL_MS = 250

export const KINDS: readonly Kind[] = [
  {
    name: 'message',
    share: 6,
    send: async (api, agentId) => await statusOf(await api.post(messagesPath(agentId), question()))
  },
  {
    name: 'stream',
    share: 5,
    send: async (api, agentId) => await statusOf(await api.post(`${messagesPath(agentId)}/stream`, question()))
  },
  { name: 'job', share: 3, send: runJob },
  { name: 'stream, client leaves', share: 2, send: leaveStream },
  { name: 'list agents', share: 1, send: async api => await statusOf(await api.get('/v1/agents')) },
  {
    name: 'unknown agent',
    share: 1,
    send: async api => await statusOf(await api.post(messagesPath(`agent-${randomUUID()}`), question()))
  },
  { name: 'unknown path', share: 1, send: async api => await statusOf(await api.get(`/v1/nothing/${randomUUID()}`)) },
  {
    name: 'invalid body',
    share: 1,
    send: async (api, agentId) => await statusOf(await api.post(messagesPath(agentId), { messages: [{ role: 'user' }] }))
  }
]

function messagesPath (agentId: string): string {
  return `/v1/agents/${agentId}/messages`
}

function question (): object {
  const content = QUESTIONS[Math.floor(Math.random() * QUESTIONS.length)]
  return { messages: [{ role: 'user', content }] }
}

/** Starts a job and asks until it is over. */
async function runJob (api: Api, agentId: string): Promise<Answer> {
  const response = await api.post(`${messagesPath(agentId)}/async`, question())
  if (!response.ok) return await statusOf(response)
  const { id } = await response.json() as { id: string }
  for (;;) {
    await pause(POLL_MS)
    const answer = await api.get(`/v1/jobs/${id}`)
    if (!answer.ok) return await statusOf(answer)
    const { status } = await answer.json() as { status: string }
    if (status !== 'running') return status === 'completed' ? answer.status : 'failed'
  }
}

/** Reads the beginning of a stream and goes away. */
async function leaveStream (api: Api, agentId: string): Promise<Answer> {
  const leaving = new AbortController()
  const response = await api.post(`${messagesPath(agentId)}/stream`, question(), { signal: leaving.signal })
  if (!response.ok) return await statusOf(response)
  await response.body?.getReader().read()
  leaving.abort()
  return 'aborted'
}
