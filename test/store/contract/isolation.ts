import fc from 'fast-check'
import type { Test } from 'tap'
import { callRow, jobRow, payloadRow, runRow, stepRow } from '../sample-rows.ts'
import type { Kit } from './contract.ts'

/** What ends a string, a comment, a parameter or a statement in some dialect. */
const ATTACKS = [
  "' OR 1 = 1 -- ", "x' OR organization_id != '", '\\', "\\'", "\\' OR 1=1 --", '{organization:String}', '{id:String}', "'; DROP TABLE run_metrics; --", '" OR ""="', '`',
  '%', '_', '*', 'NULL', '\\N', "') UNION ALL SELECT * FROM run_metrics --", 'a\tb', 'a\nb', 'a\0b', '/* */', '&param_organization=org-1', '😀', ''
]

export async function isolation (t: Test, { open }: Kit): Promise<void> {
  await t.test('what belongs to another organization is not found, by any question', async t => {
    const { rows } = await open(t)
    const [run, step] = [runRow(), stepRow()]
    rows.write('run_metrics', run)
    rows.write('step_metrics', step)
    // The same ids in two organizations: each finds its own.
    for (const organization of ['org-1', 'org-2']) {
      rows.write('provider_traces', callRow({ id: 'provider_trace-1', organization_id: organization, model: organization }))
      rows.write('provider_trace_payloads', payloadRow({ organization_id: organization, request_json: organization }))
      rows.write('jobs', jobRow({ organization_id: organization, ttft_ns: BigInt(organization.length) }))
    }
    await rows.flush()
    for (const organization of ['org-3', '', 'org-1 ', 'ORG-1', 'org-', ...ATTACKS]) {
      t.equal(await rows.runMetrics(organization, run.id), undefined)
      t.equal(await rows.stepMetrics(organization, step.id), undefined)
      t.same(await rows.providerTracesOfStep(organization, 'step-1'), [])
      t.equal(await rows.job(organization, 'job-1'), undefined)
    }
    for (const organization of ['org-1', 'org-2']) {
      t.match(await rows.providerTracesOfStep(organization, 'step-1'), [{ organization_id: organization, model: organization, request_json: organization }])
      t.match(await rows.job(organization, 'job-1'), { organization_id: organization })
    }
  })

  await t.test('who uses the id of a foreign run finds what is their own in it', async t => {
    const { rows } = await open(t)
    for (const organization of ['org-1', 'org-2']) {
      const own = { organization_id: organization, run_id: 'run-1' }
      rows.write('run_metrics', runRow({ id: 'run-1', organization_id: organization }))
      rows.write('step_metrics', stepRow({ id: `step-of-${organization}`, ...own }))
      rows.write('provider_traces', callRow({ id: `call-of-${organization}`, ...own }))
    }
    await rows.flush()
    for (const organization of ['org-1', 'org-2']) {
      const found = await rows.traceOfRun(organization, 'run-1', 10)
      t.equal(found?.run.organization_id, organization)
      t.strictSame([...found!.steps, ...found!.provider_traces].map(({ id }) => id), [`step-of-${organization}`, `call-of-${organization}`])
    }
  })

  await t.test('no id is anything but an id', async t => {
    const { rows, engine } = await open(t)
    for (const id of ATTACKS) {
      rows.write('run_metrics', runRow({ id, agent_id: `of ${id}` }))
      rows.write('jobs', jobRow({ id, ttft_ns: 1n }))
      rows.write('provider_traces', callRow({ id, step_id: `step ${id}`, organization_id: id }))
    }
    await rows.flush()
    for (const id of ATTACKS) {
      t.match(await rows.runMetrics('org-1', id), { id, agent_id: `of ${id}` }, JSON.stringify(id))
      t.match(await rows.job('org-1', id), { id })
      t.match(await rows.providerTracesOfStep(id, `step ${id}`), [{ id, organization_id: id }])
      t.equal(await rows.stepMetrics('org-1', id), undefined)
    }
    t.same(await engine.query('SELECT count() AS runs FROM run_metrics FINAL'), [{ runs: String(ATTACKS.length) }], 'and all is still there')
  })

  await t.test('any text comes back from a parameter as it went in', async t => {
    const { engine } = await open(t, { migrate: false })
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), fc.array(fc.string({ maxLength: 10 }), { maxLength: 4 }), async (text, list) => {
      const [row] = await engine.query<object>('SELECT {text:String} AS text, {list:Array(String)} AS list', { text, list })
      t.strictSame(row, { text, list })
    }), { numRuns: 60 })
    const long = ['x'.repeat(3_000), 'y'.repeat(3_000)]
    t.same(await engine.query('SELECT {list:Array(String)} AS list', { list: long }), [{ list: long }], 'also what is too long for a URL')
  })
}
