import t from 'tap'
import { recognizeRequest } from '../../lib/agent/provider-request.ts'

const ask = (url: string, body: NonNullable<RequestInit['body']>, method = 'POST'): string | undefined => {
  const request = recognizeRequest(url, { method, body })
  return request && `${request.provider} ${request.callType} ${request.model}${request.streamed === true ? ' streamed' : ''}`
}

t.test('calls of both APIs, at any host', async t => {
  const chat = JSON.stringify({ model: 'm', messages: [] })
  for (const [url, body, expected] of [
    ['https://api.openai.com/v1/chat/completions', chat, 'openai chat m'],
    ['https://api.groq.com/openai/v1/chat/completions', chat, 'groq chat m'],
    ['https://api.mistral.ai/v1/chat/completions?x=1', chat, 'mistral_ai chat m'],
    ['http://127.0.0.1:4000/chat/completions', '{"stream":true,"messages":[],"model":"m"}', 'openai chat m streamed'],
    ['https://mine.openai.azure.com/openai/deployments/d/chat/completions?api-version=1', '{"messages":[]}', 'azure.ai.openai chat '],
    ['https://api.openai.com/v1/responses', '{"model":"m","input":"x"}', 'openai responses m'],
    ['https://api.openai.com/v1/completions', '{"model":"m","prompt":"x"}', 'openai text_completion m'],
    ['https://api.openai.com/v1/embeddings', '{"model":"m","input":["x"]}', 'openai embeddings m'],
    ['https://api.anthropic.com/v1/messages', chat, 'anthropic chat m'],
    ['https://proxy.example/anthropic/v1/messages', chat, 'anthropic chat m'],
    ['https://notopenai.com/v1/messages', chat, 'anthropic chat m']
  ] as const) t.equal(ask(url, body), expected, url)
  const bytes = Buffer.from(`xx${chat}`)
  t.equal(ask('http://a/v1/messages', new Uint8Array(bytes.buffer, bytes.byteOffset + 2, chat.length)), 'anthropic chat m')
  t.equal(ask('http://a/v1/messages', new TextEncoder().encode(chat).buffer as ArrayBuffer), 'anthropic chat m')
})

t.test('what only looks alike', async t => {
  const chat = JSON.stringify({ model: 'm', messages: [] })
  for (const [url, body, method] of [
    ['https://api.openai.com/v1/chat/completions', chat, 'PUT'],
    ['https://letta.example/v1/agents/agent-1/messages', chat, 'POST'],
    ['https://api.anthropic.com/v1/messages/count_tokens', chat, 'POST'],
    ['https://api.anthropic.com/v1/messages/batches', chat, 'POST'],
    ['https://forms.example/surveys/1/responses', '{"input":"x"}', 'POST'],
    ['https://forms.example/surveys/1/responses', new FormData(), 'POST'],
    ['https://api.openai.com/v1/chat/completions', '{"model":"m"}', 'POST'],
    ['https://api.openai.com/v1/chat/completions', 'no JSON', 'POST'],
    ['no url', chat, 'POST']
  ] as const) t.equal(ask(url, body, method), undefined, url)
  t.equal(recognizeRequest('https://api.openai.com/v1/models', undefined), undefined)
})
