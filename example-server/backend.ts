import { backendSettings } from './backend/settings.ts'
import { runCommand } from './command/run-command.ts'
import { main } from './main.ts'

await main(async () => {
  const { words, url, clickhouse } = await backendSettings(process.env)
  return await runCommand(['dev', ...words], { url, health: `${clickhouse}/ping`, clickhouse })
})
