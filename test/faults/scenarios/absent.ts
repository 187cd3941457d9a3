/**
 * No collector for 60 s under load, then it is back. Windows with it and without alternate, so that what the machine does
 * meanwhile is in both; more are measured where 10 % cannot be told from chance yet.
 */
import type { App } from '../harness/app.ts'
import { scenario, type Scenario } from '../harness/scenario.ts'
import { compareTails, type Comparison, type Window } from '../harness/tail-latency.ts'

const RATE = 500
const WINDOW_S = 5
const OUTAGE_S = 60
/** Of normal, where the machine is calm enough to tell. */
const RATIO_MAX = 1.1
/** What a calm machine lets be noticed. */
const SLOWED = 1.25
/** Pairs of blocks that may be measured beyond the first, while that cannot be told. */
const MORE_PAIRS = 1

await scenario('absent for 60 s under load, then back', async s => {
  const app = await s.startApp()
  await s.send(app, 10, { rate: RATE })
  const normal: Window[] = []
  const outage: Window[] = []
  normal.push(...await windows(s, app, 30))
  const replaySeconds = await withoutCollector(s, async () => { outage.push(...await windows(s, app, OUTAGE_S)) })
  normal.push(...await windows(s, app, 30))
  for (let pair = 0; pair < 1 + MORE_PAIRS; pair++) {
    if (pair > 0 && compareTails(normal, outage).ratio <= RATIO_MAX && isCalm(normal)) break
    await withoutCollector(s, async () => { outage.push(...await windows(s, app, 20)) })
    normal.push(...await windows(s, app, 20))
  }
  await s.checkAllArrived(app)
  s.check('the collector had all of it within 10 s', replaySeconds < 10, replaySeconds)

  const tails = compareTails(normal, outage)
  const chance = compareTails(...slowed(normal, 1))
  const calm = isCalm(normal)
  // Where normal windows differ among themselves, an outage may be no slower than the slowest of them.
  const limit = calm ? RATIO_MAX : Math.max(RATIO_MAX, slowest(normal))
  s.check(`p99 during an outage is at most ${limit.toFixed(2)} times normal`, tails.ratio <= limit, tails)
  return await s.observed(app, `p99 ${text(tails)}; normal windows against each other ${text(chance)}; ` +
    `${calm ? '' : 'too restless a machine for 10 %; '}${normal.length} and ${outage.length} windows of ${WINDOW_S} s at ${RATE}/s; the 60 s were delivered in ${replaySeconds.toFixed(1)} s`)
})

/** Whether the machine was quiet enough for a comparison to mean something. */
function isCalm (normal: readonly Window[]): boolean {
  const { ratio } = compareTails(...slowed(normal, 1))
  return ratio <= RATIO_MAX && ratio >= 1 / RATIO_MAX && compareTails(...slowed(normal)).ratio > RATIO_MAX
}

/** The slowest of these windows, as a multiple of the median. */
function slowest (normal: readonly Window[]): number {
  return Math.max(...normal.map(window => compareTails(normal, [window]).ratio))
}

/** Every second of these windows, and the others with latencies that are so many times as long. */
function slowed (normal: readonly Window[], times = SLOWED): [before: Window[], after: Window[]] {
  return [normal.filter((_, index) => index % 2 === 0), normal.filter((_, index) => index % 2 === 1).map(window => window.map(latency => latency * times))]
}

async function windows (s: Scenario, app: App, seconds: number): Promise<Window[]> {
  const measured: Window[] = []
  for (let from = 0; from < seconds; from += WINDOW_S) {
    const { answered } = await s.load.run({ url: `${app.url}/work`, rate: RATE, milliseconds: WINDOW_S * 1_000 })
    measured.push(answered.map(({ latencyMs }) => latencyMs))
  }
  return measured
}

/** @returns seconds until everything had arrived after the collector was back */
async function withoutCollector (s: Scenario, work: () => Promise<void>): Promise<number> {
  await s.collector.goAway()
  await work()
  await s.collector.comeBack()
  const start = performance.now()
  await s.drained(30)
  return (performance.now() - start) / 1_000
}

function text ({ before, after, ratio, low, high }: Comparison): string {
  return `${before.toFixed(2)} → ${after.toFixed(2)} ms, ${ratio.toFixed(2)} times (95 %: ${low.toFixed(2)} to ${high.toFixed(2)})`
}
