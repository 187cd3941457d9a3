import fc from 'fast-check'
import t from 'tap'
import { pathIds } from '../../lib/ambient/path-ids.ts'

const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e'
const OTHER = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

t.test('ids among path segments and query values, named for their type', async t => {
  const urls: Array<[string, Record<string, string>]> = [
    [`/v1/agents/agent-${UUID}/messages`, { agent_id: `agent-${UUID}` }],
    [`/agent-${UUID}`, { agent_id: `agent-${UUID}` }],
    [`/v1/jobs/job-${UUID}?step=step-${OTHER}&x=1`, { job_id: `job-${UUID}`, step_id: `step-${OTHER}` }],
    [`/v1/x?id=provider_trace-${UUID}#run-${OTHER}`, { provider_trace_id: `provider_trace-${UUID}`, run_id: `run-${OTHER}` }],
    [`/agent-${UUID}/agent-${OTHER}`, { agent_id: `agent-${UUID}` }],
    [`/agent-${UUID.toUpperCase()}`, { agent_id: `agent-${UUID.toUpperCase()}` }],
    [`/${UUID}`, {}],
    [`/-${UUID}`, {}],
    [`/Agent-${UUID}`, {}],
    [`/agent2-${UUID}`, {}],
    [`/my-agent-${UUID}`, {}],
    [`/agent-${UUID}x`, {}],
    [`/agent-${UUID.slice(1)}`, {}],
    [`/agent-${UUID.replaceAll('-', '_')}`, {}],
    [`/agent-${UUID.replace('0', 'g')}`, {}],
    [`/agent_${UUID}`, {}],
    [`/${'a'.repeat(32)}-${UUID}`, { [`${'a'.repeat(32)}_id`]: `${'a'.repeat(32)}-${UUID}` }],
    [`/${'a'.repeat(33)}-${UUID}`, {}],
    ['/', {}],
    ['', {}]
  ]
  for (const [url, ids] of urls) t.strictSame(pathIds(url), ids, url)
})

t.test('at most eight of them', async t => {
  const types = 'abcdefghijkl'.split('')
  t.strictSame(Object.keys(pathIds(types.map(type => `/${type}-${UUID}`).join(''))), types.slice(0, 8).map(type => `${type}_id`))
})

const type = fc.stringMatching(/^[a-z_]{1,32}$/)

t.test('every id is found, in any URL', async t => {
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(type, fc.uuid()), { selector: ([name]) => name, maxLength: 8 }), fc.constantFrom('/', '/v1/', '?a=', '&b='), (ids, separator) => {
    fc.pre(ids.every(([name]) => !(`${name}_id` in {})))
    const found = pathIds(`/v1${ids.map(([name, uuid]) => `${separator}${name}-${uuid}`).join('')}`)
    return JSON.stringify(found) === JSON.stringify(Object.fromEntries(ids.map(([name, uuid]) => [`${name}_id`, `${name}-${uuid}`])))
  }))
  t.pass()
})

t.test('whatever the URL: nothing is thrown, and only ids are found', async t => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.oneof(type, fc.uuid(), fc.constantFrom(...'-/?&=#')), { maxLength: 30 }).map(parts => parts.join(''))), url => {
    const found = Object.entries(pathIds(url))
    return found.length <= 8 && found.every(([name, id]) => /^[a-z_]+_id$/.test(name) && id.startsWith(`${name.slice(0, -3)}-`) && url.includes(id))
  }), { numRuns: 1_000 })
  t.pass()
})
