import Fastify from 'fastify'
import lettaOtel, { type Run } from 'letta-otel'
import { finishedSpans, reset } from 'letta-otel/testing'
import t from 'tap'
import type { AskModel, ChatMessage, ModelReply, ToolCall } from '../../example-server/agent/chat-message.ts'
import { takeTurn, type Turn, type TurnEvent } from '../../example-server/agent/take-turn.ts'
import { TOOLS } from '../../example-server/tools/tools.ts'
import { useEnvironment } from '../fixtures/environment.ts'

useEnvironment({ NODE_ENV: 'test' })

const app = Fastify()
await app.register(lettaOtel)
t.teardown(async () => { await app.close() })
t.beforeEach(reset)

const QUESTION: ChatMessage = { role: 'user', content: 'What is 6 * 7?' }
const CALL: ToolCall = { id: 'call_1', type: 'function', function: { name: 'calculate', arguments: '{"expression":"6 * 7"}' } }
const USAGE = { promptTokens: 10, completionTokens: 5 }

/** A model that gives these replies one after the other, and notes what it was asked. */
function scripted (replies: ReadonlyArray<Partial<ModelReply> & { pieces?: string[] }>): { ask: AskModel, asked: ChatMessage[][] } {
  const asked: ChatMessage[][] = []
  return {
    asked,
    async * ask (messages) {
      const { pieces = [], toolCalls = [] } = replies[asked.push([...messages]) - 1] ?? {}
      yield * pieces
      return { content: pieces.join(''), toolCalls, usage: USAGE }
    }
  }
}

const startRun = (): Run => app.telemetry.startRun()

/** What was recorded, in the order in which it ended: what it is, and how it ended. */
function recorded (): string[] {
  return finishedSpans().map(({ name, attributes, status }) => `${name} ${attributes['letta.outcome'] ?? status.code}`)
}

async function run (events: AsyncGenerator<TurnEvent, Turn>): Promise<{ events: TurnEvent[], turn: Turn }> {
  const seen: TurnEvent[] = []
  for (;;) {
    const next = await events.next()
    if (next.done === true) return { events: seen, turn: next.value }
    seen.push(next.value)
  }
}

t.test('an answer without tools takes one step', async t => {
  const { ask, asked } = scripted([{ pieces: ['For', 'ty', '-two'] }])
  const work = startRun()
  const { events, turn } = await run(takeTurn([QUESTION], ask, TOOLS, work))
  t.strictSame(events, [{ type: 'text', text: 'For' }, { type: 'text', text: 'ty' }, { type: 'text', text: '-two' }])
  t.strictSame(turn, { runId: work.id, added: [{ role: 'assistant', content: 'Forty-two' }], steps: 1, stopReason: 'end_turn', usage: USAGE })
  t.strictSame(asked, [[QUESTION]])
})

t.test('a tool is called and the model sees what it returned', async t => {
  const { ask, asked } = scripted([{ toolCalls: [CALL] }, { pieces: ['42'] }])
  const { events, turn } = await run(takeTurn([QUESTION], ask, TOOLS, startRun()))
  t.strictSame(events, [
    { type: 'tool_call', call: CALL },
    { type: 'tool_return', call: CALL, result: { status: 'success', content: '42' } },
    { type: 'text', text: '42' }
  ])
  t.strictSame(asked[1], [
    QUESTION,
    { role: 'assistant', content: null, tool_calls: [CALL] },
    { role: 'tool', tool_call_id: 'call_1', content: '42' }
  ])
  t.match(turn, { steps: 2, stopReason: 'end_turn', usage: { promptTokens: 20, completionTokens: 10 } })
  t.equal(turn.added.length, 3)
  t.strictSame(recorded(), ['evaluate OK', 'execute_tool calculate ok', 'step ok', 'step ok', 'invoke_agent ok'])
  t.match(finishedSpans().find(({ name }) => name === 'execute_tool calculate'), { attributes: { 'tool.result.length': 2 }, events: [] })
})

t.test('a tool that fails is recorded so, and the model is told why', async t => {
  const { ask, asked } = scripted([{ toolCalls: [{ ...CALL, function: { name: 'fly', arguments: '{}' } }] }, { pieces: ['Sorry'] }])
  await run(takeTurn([QUESTION], ask, TOOLS, startRun()))
  t.match(asked[1]?.at(-1), { role: 'tool', content: /no tool "fly"/ })
  t.strictSame(recorded(), ['execute_tool fly error', 'step ok', 'step ok', 'invoke_agent ok'])
  t.match(finishedSpans().find(({ name }) => name === 'execute_tool fly')?.events, [{ name: 'tool failed', attributes: { tool: 'fly', reason: 'There is no tool "fly".' } }])
})

t.test('text beside a tool call is kept', async t => {
  const { ask, asked } = scripted([{ pieces: ['Let me see.'], toolCalls: [CALL, { ...CALL, id: 'call_2' }] }, { pieces: ['42'] }])
  await run(takeTurn([QUESTION], ask, TOOLS, startRun()))
  t.match(asked[1], [QUESTION, { role: 'assistant', content: 'Let me see.' }, { tool_call_id: 'call_1' }, { tool_call_id: 'call_2' }])
})

t.test('a model that only calls tools is stopped', async t => {
  const { ask, asked } = scripted(Array(10).fill({ toolCalls: [CALL] }))
  const { turn } = await run(takeTurn([QUESTION], ask, TOOLS, startRun()))
  t.match(turn, { steps: 5, stopReason: 'max_steps' })
  t.equal(asked.length, 5)
  t.match(turn.added.at(-1), { role: 'tool' }, 'every call has its return')
})

t.test('a reader that leaves ends the call of the model', async t => {
  let ended = false
  const ask: AskModel = async function * () {
    try {
      for (;;) yield 'more'
    } finally {
      ended = true
    }
  }
  const events = takeTurn([QUESTION], ask, TOOLS, startRun())
  await events.next()
  await events.return(undefined as unknown as Turn)
  t.ok(ended)
  t.strictSame(recorded(), ['step incomplete', 'invoke_agent incomplete'])
})

t.test('a model that fails fails the turn', async t => {
  const ask: AskModel = async function * () { throw new Error('no model today') }
  await t.rejects(run(takeTurn([QUESTION], ask, TOOLS, startRun())), /no model today/)
  t.strictSame(recorded(), ['step error', 'invoke_agent error'])
})
