import { main } from './main.ts'

/** Says to a container engine whether what listens to a port of this container is well: `healthy.ts PORT 8283 /v1/health`. */
await main(async () => {
  const [variable = '', usual = '', path = '/'] = process.argv.slice(2)
  const answer = await fetch(`http://127.0.0.1:${process.env[variable]?.trim() || usual}${path}`, { signal: AbortSignal.timeout(4_000) }).catch(() => undefined)
  return answer?.ok === true ? 0 : 1
})
