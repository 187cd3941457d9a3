import { TraceFlags } from '@opentelemetry/api'
import fc from 'fast-check'
import t from 'tap'
import { AmbientScope } from '../../lib/ambient/context-attributes.ts'
import { LogFieldFormatter, type LogFieldOptions } from '../../lib/logs/log-fields.ts'

const SPAN = { traceId: '0af7651916cd43ddfffffffffffffffe', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED }
const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e'

const formatter = (options: Partial<LogFieldOptions> = {}): LogFieldFormatter =>
  new LogFieldFormatter({ ddFormat: 'decimal64', keys: 'flat', service: undefined, env: undefined, version: undefined, ...options })

t.test('ids of a span; Datadog\'s are the low 64 bits, unsigned, as text', async t => {
  t.strictSame(formatter().ofSpan(SPAN), {
    trace_id: SPAN.traceId,
    span_id: SPAN.spanId,
    trace_flags: '01',
    'dd.trace_id': '18446744073709551614',
    'dd.span_id': '13235353014750950193'
  })
  t.equal(formatter().ofSpan({ ...SPAN, traceId: `1${'0'.repeat(31)}` })['dd.trace_id'], '0')
})

t.test('Datadog\'s ids are exact for every id', async t => {
  const made = formatter()
  t.doesNotThrow(() => {
    fc.assert(fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), id => (
      made.ofSpan({ ...SPAN, spanId: id.toString(16).padStart(16, '0') })['dd.span_id'] === id.toString()
    )), { numRuns: 2_000, examples: [1n, 999_999_999n, 1_000_000_000n, 2n ** 32n, 2n ** 64n - 1n].map(id => [id]) })
  })
})

t.test('hex128 and nested', async t => {
  t.strictSame(formatter({ ddFormat: 'hex128', keys: 'nested', service: 'a', env: 'b', version: '1' }).ofSpan(SPAN), {
    trace_id: SPAN.traceId,
    span_id: SPAN.spanId,
    trace_flags: '01',
    dd: { trace_id: SPAN.traceId, span_id: '13235353014750950193', service: 'a', env: 'b', version: '1' }
  })
})

t.test('what is known of the service', async t => {
  const { 'dd.service': service, 'dd.env': env, ...rest } = formatter({ service: 'a', env: 'b' }).ofSpan(SPAN)
  t.strictSame([service, env, 'dd.version' in rest], ['a', 'b', false])
})

t.test('the text says what the fields say', async t => {
  for (const keys of ['flat', 'nested'] as const) {
    for (const ddFormat of ['decimal64', 'hex128'] as const) {
      for (const service of [undefined, 'a "quoted" one']) {
        const made = formatter({ keys, ddFormat, service, env: service })
        t.strictSame(JSON.parse(`{${made.textOfSpan(SPAN).slice(1)}}`), made.ofSpan(SPAN))
      }
    }
  }
  t.equal(formatter().textOfSpan({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }), '')
})

t.test('flags are two hexadecimal digits', async t => {
  for (const [traceFlags, text] of [[0, '00'], [1, '01'], [0xff, 'ff'], [0x1ff, 'ff']] as const) {
    t.equal(formatter().ofSpan({ ...SPAN, traceFlags })['trace_flags'], text)
  }
})

t.test('nothing for a span that has no ids', async t => {
  t.strictSame(formatter().ofSpan({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }), {})
})

t.test('who asks, in Letta\'s names; headers and code win over the URL', async t => {
  const scope = new AmbientScope(
    { 'organization.id': 'org-1', 'project.id': 'p', 'agent.id': 'agent-1', 'template.id': 't', 'base_template.id': 'b', 'my.own': 7 },
    { 'user.id': 'user-1', 'project.id': 'hidden' },
    `/v1/agents/agent-${UUID}/messages?block=block-${UUID}`)
  t.strictSame(formatter().ofScope(scope), {
    agent_id: 'agent-1',
    block_id: `block-${UUID}`,
    actor_id: 'user-1',
    project_id: 'p',
    org_id: 'org-1',
    template_id: 't',
    base_template_id: 'b',
    'my.own': 7
  })
  t.strictSame(formatter().ofScope(new AmbientScope({}, {}, '/')), {})
})

t.test('an organization in a URL owns no line; work for another organization than the request\'s does', async t => {
  const fromUrl = new AmbientScope({}, {}, `/a?o=org-${UUID}&agent=agent-${UUID}`)
  t.strictSame(formatter().ofScope(fromUrl), { agent_id: `agent-${UUID}` })
  const asked = new AmbientScope({ 'organization.id': 'org-A' }, {}, `/a?o=org-${UUID}`)
  t.strictSame(formatter().ofLine(undefined, asked), { org_id: 'org-A' })
  t.strictSame(formatter().ofLine(undefined, asked, 'org-B'), { org_id: 'org-B' })
  t.strictSame(formatter().ofLine(undefined, undefined, 'org-B'), { org_id: 'org-B' })
})
