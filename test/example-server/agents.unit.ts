import t from 'tap'
import { Agents } from '../../example-server/server/agents.ts'

t.test('an agent remembers the latest messages, from a message of the user on', async t => {
  const agent = new Agents().create('Ada', undefined)
  const call = { id: 'call_1', type: 'function', function: { name: 'calculate', arguments: '{}' } } as const
  for (let turn = 0; turn < 20; turn++) {
    agent.remember([
      { role: 'user', content: `question ${turn}` }, { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '42' }
    ])
  }
  const [system, first, ...rest] = agent.conversationWith([])
  t.match(system, { role: 'system', content: /Ada/ })
  t.match(first, { role: 'user', content: 'question 7' })
  t.equal(rest.length, 38)
})

t.test('a conversation without a message of the user is forgotten', async t => {
  const agent = new Agents().create('Ada', undefined)
  agent.remember([{ role: 'assistant', content: 'Hello?' }])
  t.equal(agent.conversationWith([]).length, 1)
})

t.test('the oldest of many agents make room', async t => {
  const agents = new Agents()
  const { info } = agents.create('first', 'org-1')
  t.equal(agents.get(info.id).info.organization_id, 'org-1')
  for (let count = 0; count < 10_000; count++) agents.create('next', undefined)
  t.throws(() => agents.get(info.id), { code: 'AGENT_NOT_FOUND', statusCode: 404 })
  t.equal(agents.list().length, 10_000)
})
