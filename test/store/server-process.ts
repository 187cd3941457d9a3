/** Opens the store that the arguments name, and says what became of it: for tests that need processes of their own. */
import { openStore } from '../../lib/store/open-store.ts'
import type { StoreOptions } from '../../lib/store/store-options.ts'

const options = JSON.parse(process.argv[2] ?? '') as StoreOptions
process.send?.('ready')
process.once('message', () => {
  openStore(options).then(async store => {
    await store.close()
    return 'opened'
  }, (problem: { code: string }) => problem.code).then(outcome => {
    process.send?.(outcome, () => { process.disconnect() })
  })
})
