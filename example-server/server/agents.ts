import { randomUUID } from 'node:crypto'
import type { ChatMessage } from '../agent/chat-message.ts'
import { AGENT_NOT_FOUND } from './errors.ts'

/** An agent, as the API shows it. */
export interface AgentInfo {
  readonly id: string
  readonly name: string
  /** Who it belongs to, if the request that created it said so. */
  readonly organization_id: string | null
  readonly created_at: string
}

const AGENTS_MAX = 10_000
const REMEMBERED_MESSAGES_MAX = 40

export class Agent {
  readonly info: AgentInfo
  #conversation: readonly ChatMessage[] = []

  constructor (name: string, organizationId: string | undefined) {
    this.info = {
      id: `agent-${randomUUID()}`, name, organization_id: organizationId ?? null, created_at: new Date().toISOString()
    }
  }

  /** What the model is shown: who the agent is, what was said lately, and what is new. */
  conversationWith (input: readonly ChatMessage[]): ChatMessage[] {
    return [{ role: 'system', content: `You are ${this.info.name}, a helpful agent.` }, ...this.#conversation, ...input]
  }

  /** Keeps the latest messages. A tool's result means nothing without the call, so they start with a user's message. */
  remember (messages: readonly ChatMessage[]): void {
    const latest = [...this.#conversation, ...messages].slice(-REMEMBERED_MESSAGES_MAX)
    const start = latest.findIndex(({ role }) => role === 'user')
    this.#conversation = start === -1 ? [] : latest.slice(start)
  }
}

/** The agents of this process; the oldest make room for new ones. */
export class Agents {
  readonly #byId = new Map<string, Agent>()

  create (name: string, organizationId: string | undefined): Agent {
    const agent = new Agent(name, organizationId)
    this.#byId.set(agent.info.id, agent)
    if (this.#byId.size > AGENTS_MAX) {
      const [oldest] = this.#byId.keys()
      this.#byId.delete(oldest as string)
    }
    return agent
  }

  /** @throws {AGENT_NOT_FOUND} */
  get (id: string): Agent {
    const agent = this.#byId.get(id)
    if (agent === undefined) throw new AGENT_NOT_FOUND(id)
    return agent
  }

  list (): Agent[] {
    return [...this.#byId.values()]
  }
}
