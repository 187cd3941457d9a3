import { main } from './main.ts'
import { buildProvider } from './model/build-provider.ts'
import { providerSettings } from './model/settings.ts'
import { serve } from './serve.ts'

await main(async () => {
  const settings = providerSettings()
  await serve(await buildProvider(settings), { host: '127.0.0.1', port: settings.port, portVariable: 'PROVIDER_PORT' })
  return 0
})
