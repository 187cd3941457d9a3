import { caseNamed, type BenchCase } from '../cases.ts'
import type { Sink } from '../sink/sink.ts'
import type { Workload } from '../workloads/workload.ts'
import { Contender } from './contender.ts'
import type { Burst, Pace, Pairing, StartPair } from './measurement.ts'

export interface MeasureOptions {
  readonly sink: Sink
  readonly pace: Pace
  /** How many pairs of bursts. */
  readonly pairs: number
  /** Length of a burst. */
  readonly seconds: number
  readonly warmUpSeconds: number
  /** Which one goes first, to begin with. */
  readonly bareFirst: boolean
}

type Both = readonly [bare: Contender, own: Contender]

/**
 * Starts bare Fastify and the case, warms both up, and loads them in turn with short bursts, so that what changes on the
 * machine meets both alike. Who goes first changes from pair to pair. Then it stops both, and counts what arrived.
 */
export async function measurePairs (benchCase: BenchCase, workload: Workload, options: MeasureOptions): Promise<Pairing> {
  return await withBoth(benchCase, workload, options, async both => {
    for (const contender of inOrder(both, options.bareFirst)) await contender.load(options.warmUpSeconds)
    const pairs = await loadInTurn(both, options)
    const [bare, own] = await stopBoth(both)
    return {
      workload: workload.name,
      case: benchCase.name,
      pace: options.pace,
      bare: { ...bare, bursts: pairs.map(([burst]) => burst) },
      own: { ...own, bursts: pairs.map(([, burst]) => burst) },
      arrivals: await options.sink.takeArrivals()
    }
  })
}

/** A machine may stand still for a whole burst. There is nothing to compare then, and the pair is measured again. */
async function loadInTurn (both: Both, { pace, pairs, seconds, bareFirst }: MeasureOptions): Promise<Array<[bare: Burst, own: Burst]>> {
  const measured: Array<[bare: Burst, own: Burst]> = []
  for (let attempt = 0; measured.length < pairs; attempt++) {
    if (attempt === 2 * pairs) throw new Error(`${attempt - measured.length} of ${attempt} pairs of bursts without an answer`)
    const rate = pace === 'full' ? undefined : speedOf(await both[0].load(seconds)) / 2
    if (rate === 0) continue
    const isBareFirst = bareFirst === (attempt % 2 === 0)
    const [first, second] = inOrder(both, isBareFirst)
    const bursts = [await first.load(seconds, rate), await second.load(seconds, rate)] as const
    if (bursts.every(burst => speedOf(burst) > 0)) measured.push(isBareFirst ? [bursts[0], bursts[1]] : [bursts[1], bursts[0]])
  }
  return measured
}

function speedOf ({ load }: Burst): number {
  return load.requestsPerSecond
}

/** Starts both and stops them. */
export async function measureStart (benchCase: BenchCase, workload: Workload, options: Pick<MeasureOptions, 'sink' | 'bareFirst'>): Promise<StartPair> {
  return await withBoth(benchCase, workload, options, async both => {
    const [bare, own] = await stopBoth(both)
    await options.sink.takeArrivals()
    return { case: benchCase.name, bare: bare.figures, own: own.figures }
  })
}

/** A process that is left over would meet all that is measured later. */
async function withBoth<T> (
  benchCase: BenchCase, workload: Workload, { sink, bareFirst }: Pick<MeasureOptions, 'sink' | 'bareFirst'>, run: (both: Both) => Promise<T>
): Promise<T> {
  const started: Contender[] = []
  try {
    const bareCase = caseNamed('bare')
    for (const one of bareFirst ? [bareCase, benchCase] : [benchCase, bareCase]) started.push(await Contender.start(one, workload, sink.url))
    const [first, second] = started as [Contender, Contender]
    return await run(bareFirst ? [first, second] : [second, first])
  } catch (error) {
    for (const contender of started) await contender.stop().catch(() => {})
    await sink.takeArrivals()
    throw error
  }
}

async function stopBoth ([bare, own]: Both) {
  return [await bare.stop(), await own.stop()] as const
}

function inOrder ([bare, own]: Both, bareFirst: boolean): Both {
  return bareFirst ? [bare, own] : [own, bare]
}
