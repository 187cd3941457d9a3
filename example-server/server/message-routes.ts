import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { addContextAttribute, getContextAttributes } from 'letta-otel'
import { Readable } from 'node:stream'
import type { AskModel, ChatMessage } from '../agent/chat-message.ts'
import type { ModelClient } from '../agent/model-client.ts'
import { takeTurn, type Turn, type TurnEvent } from '../agent/take-turn.ts'
import { TOOLS } from '../tools/tools.ts'
import type { Agent, Agents } from './agents.ts'
import { answerUnlessLeft, clientSignal } from '../client-signal.ts'
import type { Closing } from './closing.ts'
import { eventStream } from './event-stream.ts'
import { withJobTimes } from './job-times.ts'
import type { Jobs } from './jobs.ts'
import { MESSAGES_SCHEMA, type MessagesRoute } from './messages-schema.ts'
import { messageView, turnView, type MessageView, type TurnView } from './turn-view.ts'

export interface MessageRoutesOptions {
  readonly agents: Agents
  readonly jobs: Jobs<TurnView>
  readonly closing: Closing
  readonly model: ModelClient
}

export async function messageRoutes (app: FastifyInstance, { agents, jobs, closing, model }: MessageRoutesOptions): Promise<void> {
  app.post<MessagesRoute>('/v1/agents/:agent_id/messages', { schema: MESSAGES_SCHEMA }, async (request, reply) => {
    const agent = agentOf(request)
    const client = clientSignal(reply)
    const signal = AbortSignal.any([client, closing.work])
    const events = turnOf(agent, request, signal, messages => model.complete(messages, { signal, log: request.log }))
    return await answerUnlessLeft(reply, client, async () => await wholeTurn(events))
  })

  app.post<MessagesRoute>('/v1/agents/:agent_id/messages/stream', { schema: MESSAGES_SCHEMA }, async (request, reply) => {
    const agent = agentOf(request)
    const client = clientSignal(reply)
    const signal = AbortSignal.any([client, closing.streams])
    const events = turnOf(agent, request, signal, messages => model.stream(messages, { signal, log: request.log }))
    return await answerUnlessLeft(reply, client, async () => {
      // A model that fails at once is answered with a status; later there is only the stream to say it on.
      const first = await events.next()
      return await sendStream(reply, eventStream(first, events, { client, log: request.log }))
    })
  })

  app.post<MessagesRoute>('/v1/agents/:agent_id/messages/async', { schema: MESSAGES_SCHEMA }, async request => {
    const agent = agentOf(request)
    const { log } = request
    const signal = closing.work
    const organization = getContextAttributes()['organization.id']?.toString()
    return jobs.start(async job => {
      try {
        const events = turnOf(agent, request, signal, messages => model.complete(messages, { signal, log }))
        const turn = await wholeTurn(withJobTimes(app.telemetry.jobs, job.id, organization, events))
        log.info({ job_id: job.id }, 'job completed')
        return turn
      } catch (problem) {
        log.error({ job_id: job.id, err: problem }, 'job failed')
        throw problem
      }
    })
  })

  function agentOf (request: FastifyRequest<MessagesRoute>): Agent {
    const agent = agents.get(request.params.agent_id)
    // Also for clients that do not send the header: whose agent it is, is known.
    if (agent.info.organization_id !== null) addContextAttribute('organization.id', agent.info.organization_id)
    return agent
  }

  async function * turnOf (agent: Agent, request: FastifyRequest<MessagesRoute>, signal: AbortSignal, ask: AskModel): AsyncGenerator<TurnEvent, Turn> {
    const input: ChatMessage[] = request.body.messages.map(({ role, content }) => ({ role, content }))
    const run = app.telemetry.startRun({ agentId: agent.info.id, agentName: agent.info.name, userMessages: input.filter(({ role }) => role === 'user').length, signal })
    const turn = yield * takeTurn(agent.conversationWith(input), ask, TOOLS, run)
    agent.remember([...input, ...turn.added])
    request.telemetry.addAttribute('agent.step_count', turn.steps)
    return turn
  }
}

async function wholeTurn (events: AsyncGenerator<TurnEvent, Turn>): Promise<TurnView> {
  const messages: MessageView[] = []
  for (;;) {
    const next = await events.next()
    if (next.done === true) return turnView(messages, next.value)
    messages.push(messageView(next.value))
  }
}

async function sendStream (reply: FastifyReply, lines: AsyncIterable<string>): Promise<FastifyReply> {
  return await reply.type('text/event-stream').header('cache-control', 'no-cache').send(Readable.from(lines))
}
