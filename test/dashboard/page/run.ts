/** Walks every view in a real Chromium: what it shows is what was generated, and what the example sent. `npm run test:page`. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { generate } from '../generated.ts'
import { openBrowser, screenshot, screenshotDirectory, seriousFindings, settled } from './browser.ts'
import { walkExample } from './example-walk.ts'
import { servePage } from './serve.ts'
import { measureSpeed } from './speed.ts'
import { WALKS } from './walks.ts'

const results = { pass: 0, fail: 0 }
const screenshots = screenshotDirectory()

/** Counts a part, whose failure does not stop the others. */
async function part (name: string, work: () => Promise<void>): Promise<void> {
  walked.complaints.length = 0
  const started = performance.now()
  try {
    await work()
    assert.deepEqual(walked.complaints, [], 'nothing is complained of')
    results.pass += 1
    console.log(`ok ${name} (${Math.round(performance.now() - started)} ms)`)
  } catch (problem) {
    results.fail += 1
    console.log(`not ok ${name}`, problem)
    await screenshot(walked.page, screenshots, `${name}-failed`).catch(() => {})
  }
}

/** Opens an address, and waits until it has all that it asks for. */
async function look (address: string): Promise<void> {
  await walked.page.goto(address)
  await settled(walked.page)
}

const served = await servePage()
const walked = await openBrowser()
try {
  const generated = await generate(served.store.engine)
  for (const { name, path, check } of WALKS) {
    const address = new URL(path(generated), served.url)
    if (!address.searchParams.has('from')) address.searchParams.set('from', '-1h')
    for (const theme of name === 'keys' ? [] : ['light', 'dark']) {
      await part(`${name} in ${theme}`, async () => {
        await look(`${address.href}&theme=${theme}`)
        await screenshot(walked.page, screenshots, `${name}-${theme}`)
        assert.deepEqual(await seriousFindings(walked.page), [], 'it is accessible')
      })
    }
    await part(`${name} is what was generated`, async () => {
      await look(address.href)
      await check(walked.page, generated, served)
    })
  }
  await part('speed', async () => { await measureSpeed(walked.page, served.url, generated) })
  await part('the example', async () => { await walkExample(walked.page, screenshots) })
} finally {
  await walked.browser.close()
  await served.close()
}
console.log(`# ${readdirSync(screenshots).length} screenshots, of each view in both themes: ${relative(process.cwd(), screenshots)}`)
console.log(`# { total: ${results.pass + results.fail}, pass: ${results.pass}, fail: ${results.fail} }`)
process.exitCode = results.fail === 0 ? 0 : 1
