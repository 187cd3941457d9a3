/** The thread that sends crashes, with the collector there and away: it is started again, and the application goes on. */
import { scenario } from '../harness/scenario.ts'

const RATE = 400

await scenario('the worker crashes twice with the collector there, and once in an outage', async s => {
  const app = await s.startApp({ faulty: true })
  for (const how of ['error', 'terminate'] as const) {
    const load = s.send(app, 4, { rate: RATE })
    await new Promise(resolve => setTimeout(resolve, 2_000))
    await app.crashWorkers(how)
    await load
  }
  await s.collector.goAway()
  const load = s.send(app, 6, { rate: RATE })
  await new Promise(resolve => setTimeout(resolve, 4_000))
  await app.crashWorkers('error')
  await load
  await s.collector.comeBack()
  // Segments of a thread that died are taken over after 30 s of silence: its process still lives.
  const lost = async (): Promise<number> => (await app.stats()).spans.failed
  const deadline = performance.now() + 60_000
  while (s.missing.length > await lost() && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, 1_000))
  await app.flush()
  s.checkUndisturbed()
  s.check('it was said', app.problems.some(problem => problem.includes('ended unexpectedly')), app.problems)
  s.check('what is missing is counted', s.missing.length <= await lost(), { missing: s.missing.length, counted: await lost() })
  s.check('and is no more than two seconds of each crash, which is how long batching takes', s.missing.length <= 3 * 2 * RATE, s.missing.length)
  s.checkOnce()
  return await s.observed(app)
})
