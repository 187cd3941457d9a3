import { collectorSettings } from './collector/settings.ts'
import { runCommand } from './command/run-command.ts'
import { main } from './main.ts'

await main(async () => {
  const { words, endpoint, health } = collectorSettings(process.argv.slice(2))
  return await runCommand(['collector', 'start', ...words], { url: endpoint, health })
})
