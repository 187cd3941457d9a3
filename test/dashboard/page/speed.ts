import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { Generated } from '../generated.ts'

const LOADS = 10
const STEPS = 120
const LINE_PX = 22
const VIEWS = ['Traces', 'Runs', 'Logs', 'Metrics', 'SQL', 'Overview']
/** A machine that is busy with something else may take so many times what docs/page.md says. */
const BUSY = 20

/** How fast the page is: it says so, and fails where that cannot be the machine's fault. */
export async function measureSpeed (page: Page, address: string, { large }: Generated): Promise<void> {
  const paints: number[] = []
  for (let load = 0; load < LOADS; load++) {
    await page.goto(address)
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
    paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]!.startTime))
  }
  say('first paint', paints)

  const [shown, filled] = [[], []] as [number[], number[]]
  for (let round = 0; round < 3; round++) {
    for (const view of VIEWS) {
      const times = await changeView(page, view)
      shown.push(times.shown)
      filled.push(times.filled)
    }
  }
  say('a view is changed', shown)
  say('and has its rows', filled)

  await page.goto(`${address}/traces/${large.traceId}`)
  await page.waitForSelector('[role="treeitem"]')
  const frames = await framesOf(page)
  say(`a frame while scrolling ${large.spans} spans`, frames)
  assert.ok(median(paints) < 300 * BUSY && median(shown) < 100 * BUSY && median(frames) < 1_000 / 60 * BUSY)
}

/** From a click to the frame in which the view is there, and to that in which all it asked for is. */
async function changeView (page: Page, view: string): Promise<{ shown: number, filled: number }> {
  return await page.evaluate(async view => {
    const frame = async (isThere: () => boolean): Promise<number> => {
      while (!isThere()) await new Promise(resolve => { setTimeout(resolve) })
      await new Promise(resolve => { requestAnimationFrame(resolve) })
      return performance.now() - started
    }
    const link = [...document.querySelectorAll('nav a')].find(link => link.textContent === view) as HTMLElement
    const started = performance.now()
    link.click()
    const shown = await frame(() => document.querySelector('main')!.getAttribute('aria-label') === view)
    return { shown, filled: await frame(() => document.querySelector('main [aria-busy="true"]') === null) }
  }, view)
}

/** Three lines each frame, which is as fast as a wheel turns. */
async function framesOf (page: Page): Promise<number[]> {
  return await page.evaluate(async ([steps, pixels]) => {
    const list = document.querySelector('[role="tree"]')!
    const times: number[] = []
    let last = performance.now()
    for (let step = 0; step < steps; step++) {
      list.scrollTop += pixels
      await new Promise(resolve => { requestAnimationFrame(resolve) })
      times.push(performance.now() - last)
      last = performance.now()
    }
    return times
  }, [STEPS, LINE_PX * 3] as const)
}

function median (values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1]!
}

function say (what: string, values: readonly number[]): void {
  const most = values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.95)]!
  console.log(`${what}: ${median(values).toFixed(1)} ms (median), ${most.toFixed(1)} ms (95 %)`)
}
