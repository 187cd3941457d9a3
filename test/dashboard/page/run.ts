/** Walks every view in a real Chromium: what it shows is what was generated. `npm run test:page`. */
import assert from 'node:assert/strict'
import { generate } from '../generated.ts'
import { openBrowser, screenshot, seriousFindings } from './browser.ts'
import { servePage } from './serve.ts'
import { WALKS } from './walks.ts'

const served = await servePage()
const walked = await openBrowser()
try {
  const generated = await generate(served.store.engine)
  for (const { name, path, check } of WALKS) {
    const address = `${served.url}${path(generated)}`
    for (const theme of ['light', 'dark']) {
      await walked.page.goto(`${address}${address.includes('?') ? '&' : '?'}theme=${theme}`)
      await walked.page.waitForSelector('main [aria-busy="true"]', { state: 'detached' })
      if (theme === 'light') {
        await check(walked.page, generated, served)
        await walked.page.goto(`${address}${address.includes('?') ? '&' : '?'}theme=${theme}`)
        await walked.page.waitForSelector('main [aria-busy="true"]', { state: 'detached' })
      }
      await screenshot(walked.page, `${name}-${theme}`)
      assert.deepEqual(await seriousFindings(walked.page), [], `${name} in ${theme} is accessible`)
    }
    assert.deepEqual(walked.complaints, [], `${name} has nothing to complain of`)
    console.log(`ok ${name}`)
  }
} finally {
  await walked.browser.close()
  await served.close()
}
