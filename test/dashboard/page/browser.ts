import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Long enough for a machine that does much else. */
const TIMEOUT_MS = 60_000

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: ReadonlyArray<{ readonly html: string, readonly failureSummary: string }>
}

/** A page in Chromium, with all that it complains of. */
export interface Walked {
  readonly browser: Browser
  readonly page: Page
  /** What it wrote to the console as an error, threw, or was kept from by its security policy. */
  readonly complaints: string[]
}

/** `CHROMIUM` says which browser; Debian's is the usual one. */
export async function openBrowser (): Promise<Walked> {
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  context.setDefaultTimeout(TIMEOUT_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => { if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text()) })
  page.on('pageerror', problem => complaints.push(problem.stack ?? String(problem)))
  return { browser, page, complaints }
}

/** What axe-core finds that is serious or worse, a line each. */
export async function seriousFindings (page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const violations = await page.evaluate(async () =>
    (await (globalThis as unknown as { axe: { run (): Promise<{ violations: Violation[] }> } }).axe.run()).violations) as Violation[]
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => `${impact} ${id}, ${nodes.length} times: ${nodes[0]!.html.slice(0, 200)} ${nodes[0]!.failureSummary}`)
}

/** Resolves when a view has all that it asks for. */
export async function settled (page: Page): Promise<void> {
  await page.waitForSelector('button[data-state="live"]')
  await page.waitForFunction(() => document.querySelector('main')!.childElementCount > 0 && document.querySelector('main [aria-busy="true"]') === null)
}

const KEPT = fileURLToPath(new URL('./screenshots', import.meta.url))

/**
 * Makes the directory of the screenshots: beside this file, which Git ignores, or where `LETTA_OTEL_SCREENSHOTS` says. Those of an
 * earlier run are removed from the former alone.
 */
export function screenshotDirectory (): string {
  const directory = process.env['LETTA_OTEL_SCREENSHOTS'] || KEPT
  if (directory === KEPT) rmSync(KEPT, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  return directory
}

export async function screenshot (page: Page, directory: string, name: string): Promise<void> {
  await page.screenshot({ path: join(directory, `${name}.png`) })
}
