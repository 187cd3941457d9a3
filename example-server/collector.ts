import { constants } from 'node:os'
import { RunningCollector } from './collector/running-collector.ts'
import { collectorSettings } from './collector/settings.ts'
import { main } from './main.ts'
import { announce, leaveParent, stopRequest } from './stop-request.ts'

await main(async () => {
  const asked = stopRequest()
  const { words, endpoint, health } = collectorSettings(process.argv.slice(2))
  const collector = new RunningCollector(words)
  try {
    void collector.ready(health).then(isReady => { if (isReady) announce({ url: endpoint, health }) })
    const signal = await Promise.race([asked, collector.exited])
    if (typeof signal === 'number') return signal
    collector.stop(signal)
    const code = await collector.exited
    // Before it has started, a signal ends it at once, as it was asked to.
    return code === 128 + constants.signals[signal] ? 0 : code
  } finally {
    leaveParent()
  }
})
