/** Writes rows into the store that the arguments name, says when they are on the disk, and never closes: for a test that kills it. */
import { openStore } from '../../lib/store/open-store.ts'
import type { StoreOptions } from '../../lib/store/store-options.ts'
import { runRow } from './sample-rows.ts'

const options = JSON.parse(process.argv[2] ?? '') as StoreOptions
const store = await openStore(options)
process.once('message', () => {
  for (let row = 0; row < 20; row++) store.rows.write('run_metrics', runRow())
  const looking = setInterval(() => {
    // The batch was tried before it went to the disk, and once more from there.
    if (store.stats().spooled < 20 || store.stats().failedInserts < 2) return
    clearInterval(looking)
    process.send?.('on the disk')
  }, 2)
})
process.send?.('ready')
