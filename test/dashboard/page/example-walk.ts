import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { ExampleClient, ExampleProcess } from '../../example-server/running-example.ts'
import { screenshot, settled } from './browser.ts'

const REQUESTS = 50
const EVERY_MS = 250
const AGENT_ROUTE = '/v1/agents/:agent_id'

/** `npm start`, and a look at its page while it is used: what was asked of the server is there, and how soon. */
export async function walkExample (page: Page, screenshots: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'letta-otel-page-'))
  const ends: Array<() => void> = []
  const example = new ExampleProcess({ teardown: end => { ends.push(end) } }, 'start.ts', {
    LETTA_DIR: directory, PORT: '0', PROVIDER_PORT: '0', BACKEND_PORT: '0', BACKEND_CLICKHOUSE_PORT: '0', PROVIDER_FAILURE_RATE: '0'
  })
  try {
    const { server, page: address } = await example.announced()
    const client = new ExampleClient(server)
    const agentId = await client.createAgent()
    await seenRequests(page, address!, `${server}/v1/agents/${agentId}`)
    for (const theme of ['light', 'dark']) {
      await page.goto(`${address}/?theme=${theme}`)
      await seenEndpoint(page)
      await settled(page)
      await screenshot(page, screenshots, `example-${theme}`)
    }
    await (await client.say(agentId, '', 'What is 6 * 7?')).json()
    await seenRun(page, address!, agentId)
    // A page whose server ends complains of that.
    await page.goto('about:blank')
    const ended = example.ended()
    example.child.kill('SIGINT')
    assert.equal(await ended, 0, example.output)
  } finally {
    for (const end of ends) end()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Each request has a trace id of its own, and the page keeps the time at which it first showed it. */
async function seenRequests (page: Page, address: string, url: string): Promise<void> {
  await page.goto(`${address}/traces`)
  await page.waitForSelector('button[data-state="live"]')
  await page.evaluate(() => {
    const seen: Record<string, number> = {}
    Object.assign(globalThis, { seen })
    const look = (): void => {
      for (const cell of document.querySelectorAll('table[aria-label="Traces"] tbody td:last-child')) seen[cell.textContent!] ??= Date.now()
    }
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
  })
  const answered = new Map<string, number>()
  for (let request = 0; request < REQUESTS; request++) {
    const traceId = randomBytes(16).toString('hex')
    const { status } = await fetch(url, { headers: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` } })
    answered.set(traceId, Date.now())
    assert.equal(status, 200)
    await pause(EVERY_MS)
  }
  await page.waitForFunction(ids => ids.every(id => id in (globalThis as unknown as { seen: object }).seen), [...answered.keys()])
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: Record<string, number> }).seen)
  const took = [...answered].map(([id, time]) => seen[id]! - time).sort((one, other) => one - other)
  console.log(`${REQUESTS} requests are seen after ${took[REQUESTS / 2]} ms (median), ${took.at(-1)} ms (longest)`)
}

async function seenEndpoint (page: Page): Promise<void> {
  await page.waitForFunction(([route, requests]) => [...document.querySelectorAll('table[aria-label="Endpoints"] tbody tr')]
    .some(row => row.querySelector('td')?.textContent?.endsWith(` ${route}`) === true && row.querySelectorAll('td')[2]?.textContent === requests),
  [AGENT_ROUTE, String(REQUESTS)])
}

async function seenRun (page: Page, address: string, agentId: string): Promise<void> {
  await page.goto(`${address}/runs`)
  await page.waitForSelector(`table[aria-label="Runs"] >> text=${agentId}`)
  await page.goto(`${address}/logs`)
  await page.waitForSelector('.logline >> text=request completed')
}
