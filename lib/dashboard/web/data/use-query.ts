import { useContext, useEffect, useState } from 'preact/hooks'
import { ask, AskError, queryUrl, type Parameters, type Result } from './client.ts'
import { LiveContext, type News, type Signal } from './live.ts'

export interface Asking {
  /** The last answer; stays while the next is on its way. */
  readonly result: Result | undefined
  readonly error: AskError | undefined
  /** The answer is to another question than the one that is asked now. */
  readonly stale: boolean
  readonly url: string
  readonly retry: () => void
}

/** Between two beginnings of the same question: less than between two pieces of news, so that none of them waits for the next. */
const PERIOD_MS = 450

/**
 * Asks a named query, and again when there is news of what it is about; where its time ends now, also every few seconds while the page is live.
 *
 * @param about what may change the answer; nothing for what never changes
 * @param wanted whether to ask at all
 */
export function useQuery (name: string, parameters: Parameters, about: readonly Signal[] = [], wanted = true): Asking {
  const url = queryUrl(name, parameters)
  const live = useContext(LiveContext)
  const awaited: readonly News[] = about.length > 0 && isRelative(parameters['to']) ? [...about, 'time'] : about
  const [state, setState] = useState<{ url: string, result: Result | undefined, error: AskError | undefined }>({ url: '', result: undefined, error: undefined })
  const [again, setAgain] = useState(0)

  useEffect(() => {
    if (!wanted) return undefined
    const leaving = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let running = false
    let due = false
    const run = async (): Promise<void> => {
      running = true
      due = false
      const started = performance.now()
      try {
        const result = await ask(url, { signal: leaving.signal })
        if (leaving.signal.aborted) return
        setState({ url, result, error: undefined })
      } catch (problem) {
        if (leaving.signal.aborted) return
        setState(before => ({ url, result: before.result, error: problem instanceof AskError ? problem : new AskError({ code: 'UNEXPECTED', message: String(problem) }) }))
      }
      const took = performance.now() - started
      // A pause as long as the answer took, at least: a slow store is not asked all the time.
      timer = setTimeout(() => {
        running = false
        if (due) void run()
      }, Math.max(took, PERIOD_MS - took))
    }
    void run()
    const leave = live.join(news => {
      if (!news.some(one => awaited.includes(one))) return
      due = true
      if (!running) void run()
    })
    return () => {
      leaving.abort()
      clearTimeout(timer)
      leave()
    }
  }, [url, again, wanted, live, awaited.join()])

  return { result: state.result, error: state.url === url ? state.error : undefined, stale: state.url !== url, url, retry: () => { setAgain(again + 1) } }
}

/** Whether a time goes along with the clock, as `now` and `-15m` do. */
function isRelative (time: string | number | undefined): boolean {
  return typeof time === 'string' && (time === 'now' || time.startsWith('-'))
}
