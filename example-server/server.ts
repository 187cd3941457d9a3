import { main } from './main.ts'
import { serve } from './serve.ts'
import { buildServer } from './server/build-server.ts'
import { serverSettings } from './server/settings.ts'

await main(async () => {
  const settings = serverSettings()
  await serve(await buildServer(settings), { ...settings, portVariable: 'PORT' })
  return 0
})
