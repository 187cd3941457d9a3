import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { jsonLines } from '../../fixtures/sample-telemetry.ts'
import { span, type Generated } from '../generated.ts'
import type { ServedPage } from './serve.ts'

interface Walk {
  readonly name: string
  readonly path: (generated: Generated) => string
  readonly check: (page: Page, generated: Generated, served: ServedPage) => Promise<void>
}

/** The cells of a table, row by row, as they are read. */
async function table (page: Page, label: string): Promise<string[][]> {
  await page.waitForSelector(`table[aria-label="${label}"] tbody tr`)
  return await page.$$eval(`table[aria-label="${label}"] tbody tr`, rows => rows.map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent?.trim() ?? '')))
}

async function overview (page: Page, { listed, runs }: Generated, { store }: ServedPage): Promise<void> {
  const requests = listed.requests + runs.requests + 1
  const failed = listed.failed + runs.failed + 1
  const endpoints = await table(page, 'Endpoints')
  assert.deepEqual(endpoints.map(cells => [cells[0], cells[2], cells[4]]), [
    ['POST /v1/agents/:agent_id/messages', String(runs.requests), '10 %'], ['GET /v1/agents', String(listed.requests), '5 %'], ['DELETE /v1/agents/:agent_id', '1', '100 %']
  ])
  assert.equal(await page.textContent('section[aria-label="Error rate"] .value'), `${Number((failed / requests * 100).toPrecision(3))} %`)
  assert.equal(await page.textContent('section[aria-label="Requests per second"] .value'), String(Number((requests / 3_600).toPrecision(3))))
  assert.equal(await page.textContent('section[aria-label="P50"] .value'), '20 ms')
  assert.match((await table(page, 'Failing traces'))[0]!.join(' '), /^DELETE \/v1\/agents.* 400 ms /)
  assert.deepEqual((await table(page, 'Pipeline')).slice(0, 4), [['340', '–', '–'], ['5.4k', '53', '88'], ['3', '–', '0 ↺ 4'], ['2', '–', '1']], 'sent, received, refused, dropped')

  await page.click('section[aria-label="Endpoints"] tbody tr:nth-child(2)')
  await page.waitForURL(/route=%2Fv1%2Fagents&?/)
  await page.waitForFunction(() => document.querySelector('section[aria-label="Error rate"] .value')?.textContent === '5 %')
  await page.goBack()

  await page.click('section[aria-label="Endpoints"] button[aria-label="Show query: Requests"]')
  assert.match(await page.textContent('dialog pre') ?? '', /^WITH parts AS \([\s\S]*otel_traces/)
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })

  const started = performance.now()
  await store.engine.insert('otel_traces', jsonLines([span({
    trace: `live ${started}`, id: 'root', name: 'PUT /v1/live', start: Date.now() - 50, ms: 5, kind: 'Server', attributes: { 'http.request.method': 'PUT', 'http.route': '/v1/live', 'http.response.status_code': '200' }
  })]), 1)
  await page.waitForSelector('table[aria-label="Endpoints"] >> text="/v1/live"')
  console.log(`a request is seen ${Math.round(performance.now() - started)} ms after it was stored`)

  const lag = (await table(page, 'Pipeline'))[4]![0]!
  await page.waitForFunction(before => document.querySelector('table[aria-label="Pipeline"] tbody tr:last-child td')!.textContent !== before, lag)
}

async function keys (page: Page): Promise<void> {
  await page.keyboard.press('g')
  await page.keyboard.press('l')
  await page.waitForURL(/\/logs/)
  await page.keyboard.press('/')
  assert.equal(await page.evaluate(() => (document.activeElement as HTMLInputElement).placeholder), 'text')
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await page.waitForSelector('dialog[aria-label="Keys"]')
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  await page.keyboard.press('p')
  await page.waitForURL(/live=off/)
  await page.waitForSelector('button[data-state="paused"]')
  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await page.waitForURL(/\/traces/)
  await page.waitForSelector('table[aria-label="Traces"] tbody tr')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/traces\/[0-9a-f]{32}/)
  await page.waitForSelector('[role="tree"]')
  await page.keyboard.press('Escape')
  await page.waitForURL(/\/traces\?/)
}

async function traces (page: Page, { broken }: Generated): Promise<void> {
  await page.fill('input[data-search]', 'econnrefused')
  await page.selectOption('label:has-text("Spans") select', 'any')
  await page.waitForFunction(() => document.querySelectorAll('table[aria-label="Traces"] tbody tr').length === 1)
  assert.match((await table(page, 'Traces'))[0]!.join(' '), new RegExp(`DELETE agents database-proxy 250 ms error .*${broken.traceId}`))
  await page.click('table[aria-label="Traces"] tbody tr')
  await page.waitForURL(new RegExp(broken.traceId))
}

async function trace (page: Page, { broken }: Generated): Promise<void> {
  const lines = await page.$$eval('[role="treeitem"]', items => items.map(item => `${item.getAttribute('aria-level')} ${item.querySelector('.clip')?.textContent} ${item.querySelector('.time')?.textContent}`))
  assert.deepEqual(lines, ['1 ◆ DELETE /v1/agents/:agent_id 400 ms', '2 AgentService.check 90 ms', '2 ◆ DELETE agents 250 ms'])
  assert.match(await page.textContent('aside') ?? '', /400 ms, itself 60 ms/)
  await page.waitForSelector(`aside >> text=${broken.linkedTraceId}`)
  await page.click('[role="treeitem"]:nth-child(3)')
  await page.waitForSelector('aside >> text=connect ECONNREFUSED')
  assert.match(await page.textContent('aside') ?? '', /after 240 ms/)
  await page.waitForSelector('.logline')
  assert.deepEqual(await page.$$eval('section[aria-label="Log lines"] .logline', lines => lines.map(line => [...line.querySelectorAll('button.link, span')].map(part => part.textContent).slice(0, 3).join(' '))),
    ['50 ms info deleting agent', '380 ms error database away'])
  await page.click('aside button:has-text("user-7"), [role="treeitem"]:nth-child(1)')
  await page.click('aside button:has-text("user-7")')
  await page.waitForURL(/attributes=user\.id%3Duser-7/)
}

async function large (page: Page, { large }: Generated): Promise<void> {
  assert.match(await page.textContent('.facts') ?? '', new RegExp(large.spans.toLocaleString('en')))
  assert.ok(await page.$$eval('[role="treeitem"]', items => items.length) < 100, 'only what is seen is drawn')
  await page.focus('[role="tree"]')
  await page.keyboard.press('End')
  await page.waitForSelector(`[role="treeitem"][aria-selected="true"] >> text=import.item ${large.spans - 1}`)
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowLeft')
  await page.waitForFunction(() => document.querySelectorAll('[role="treeitem"]').length === 1)
}

async function runs (page: Page): Promise<void> {
  const compared = await table(page, 'LLM calls compared')
  assert.deepEqual(compared.map(cells => [...cells.slice(0, 4), cells[12]]), [['model-a', '20', '0 %', '125 ms', '$5'], ['model-b', '20', '10 %', '125 ms', '$5']])
  assert.equal((await table(page, 'Runs')).length, 20)
  await page.selectOption('label:has-text("Outcome") select', 'error')
  await page.waitForFunction(() => document.querySelectorAll('table[aria-label="Runs"] tbody tr').length === 2)
  await page.click('button:has-text("by agent")')
  await page.waitForSelector('table[aria-label="LLM calls compared"] >> text=agent-1-of-org-1')
}

async function run (page: Page, { tool }: Generated): Promise<void> {
  await page.waitForSelector(`section[aria-label="Step 1"] >> text=${tool.name}`)
  assert.match(await page.textContent('.facts') ?? '', /Took20 s.*First token250 ms.*Steps2.*LLM calls2.*Tokens in200.*Tokens out40.*Cost\$0\.5/)
  assert.match(await page.textContent('section[aria-label="Step 1"]') ?? '', new RegExp(`model-a.*250 ms / 1 s.*${tool.name}1\\.5 s`))
  assert.match(await page.textContent('section[aria-label="Step 2"]') ?? '', /error rate_limited/)
  await page.click('section[aria-label="Step 1"] button:has-text("model-a")')
  await page.waitForSelector('section[aria-label="Request"] >> text=114 B')
  assert.match(await page.textContent('section[aria-label="Answer"]') ?? '', /content: y{50}/)
}

async function logs (page: Page, generated: Generated): Promise<void> {
  await page.selectOption('label:has-text("Severity at least") select', '17')
  await page.waitForFunction(count => document.querySelectorAll('.logline').length === count, generated.logs.error)
  await page.selectOption('label:has-text("Severity at least") select', '13')
  await page.waitForFunction(count => document.querySelectorAll('.logline').length === count, generated.logs.error + generated.logs.warn)
  await page.click('.logline >> text=database away')
  await page.click('.logline button:has-text("ECONNREFUSED")')
  await page.waitForFunction(() => document.querySelectorAll('.logline').length === 1)
  await page.click('text=Show trace')
  await page.waitForURL(new RegExp(`/traces/${generated.broken.traceId}`))
}

async function metrics (page: Page, { broken }: Generated): Promise<void> {
  await page.click('button:has-text("hist_step_execution_time_ms")')
  await page.waitForSelector('svg[aria-label="hist_step_execution_time_ms: 100 measurements in 2 buckets"]')
  await page.selectOption('label:has-text("Show") select', 'average')
  await page.waitForSelector('[role="img"][aria-label*="up to 14 ms"]')
  await page.click('button:has-text("jobs.processed")')
  await page.selectOption('label:has-text("Group by") select', 'kind')
  await page.waitForSelector('[role="img"][aria-label*="export up to 1, import up to 1"]')
  await page.click('button:has-text("hist_step_execution_time_ms")')
  await page.click('rect.dot')
  await page.waitForURL(new RegExp(`/traces/${broken.traceId}`))
}

async function histogram (page: Page): Promise<void> {
  await page.waitForSelector('svg[aria-label="hist_step_execution_time_ms: 100 measurements in 2 buckets"]')
  const drawn = await page.$$eval('svg.heatmap rect:not(.dot) title', titles => titles.map(title => title.textContent?.replace(/,.*/, '')))
  assert.deepEqual(drawn.sort(), [...Array<string>(10).fill('2 up to 100 ms'), ...Array<string>(10).fill('8 up to 10 ms')])
  // Asked for by itself: it may come after the buckets.
  await page.waitForSelector('svg.heatmap rect.dot')
  assert.equal(await page.locator('svg.heatmap rect.dot').count(), 1)
  assert.equal((await table(page, 'Exemplars')).length, 1)
}

async function sql (page: Page): Promise<void> {
  await page.fill('textarea', 'SELECT count() AS runs, sum(cost_usd) AS cost FROM run_metrics FINAL')
  await page.keyboard.press('Control+Enter')
  await page.waitForSelector('table[aria-label="Rows"] th >> text=cost')
  assert.deepEqual(await table(page, 'Rows'), [['20', '10']])
  await page.click('button:has-text("Latency by endpoint")')
  await page.waitForSelector('table[aria-label="Rows"] >> text="/v1/agents"')
}

const plain = (path: string) => (): string => path

/** Paths without a time get the last hour: a slow walk must not outlive what was generated. */
export const WALKS: readonly Walk[] = [
  { name: 'overview', path: plain('/'), check: overview },
  { name: 'keys', path: plain('/'), check: keys },
  { name: 'traces', path: plain('/traces'), check: traces },
  { name: 'trace', path: ({ broken }) => `/traces/${broken.traceId}`, check: trace },
  { name: 'trace-of-5000-spans', path: ({ large }) => `/traces/${large.traceId}`, check: large },
  { name: 'runs', path: plain('/runs'), check: runs },
  { name: 'run', path: ({ tool }) => `/runs/${tool.run}`, check: run },
  { name: 'call', path: ({ tool }) => `/runs/${tool.run}?call=provider_trace-step-org-1-0-9-0`, check: async page => { await page.waitForSelector('section[aria-label="Answer"]') } },
  { name: 'logs', path: plain('/logs'), check: logs },
  { name: 'metrics', path: plain('/metrics'), check: metrics },
  { name: 'histogram', path: plain('/metrics?metric=hist_step_execution_time_ms'), check: histogram },
  { name: 'sql', path: plain('/sql?sql=SHOW+TABLES'), check: sql },
  { name: 'empty', path: plain('/?from=2020-01-01T00:00:00.000Z&to=2020-01-01T01:00:00.000Z'), check: async page => { await page.waitForSelector('text=OTEL_EXPORTER_OTLP_ENDPOINT') } },
  { name: 'no-trace', path: plain(`/traces/${'0'.repeat(32)}`), check: async page => { await page.waitForSelector('text=No span of this trace is stored') } }
]
