import { STANDARD_RANGE, type TimeRange } from './time-range.ts'

export const VIEWS = ['overview', 'traces', 'runs', 'logs', 'metrics', 'sql'] as const
export type View = typeof VIEWS[number]
export type Theme = 'system' | 'light' | 'dark'

/** All that the page shows follows from this, and this from the URL. */
export interface Place {
  readonly view: View
  /** What of the view is opened: the id of a trace or of a run. */
  readonly id: string
  readonly range: TimeRange
  readonly service: string
  readonly live: boolean
  readonly theme: Theme
  /** Filters and choices of the view itself. */
  readonly filters: Readonly<Record<string, string>>
}

const OWN = new Set(['from', 'to', 'service', 'live', 'theme'])

export function placeOf (path: string, search: string): Place {
  const [, first = '', id = ''] = path.split('/')
  const query = new URLSearchParams(search)
  const view = VIEWS.find(view => view === first) ?? 'overview'
  const theme = query.get('theme')
  return {
    view,
    id: view === 'traces' || view === 'runs' ? decode(id) : '',
    range: { from: query.get('from') ?? STANDARD_RANGE.from, to: query.get('to') ?? STANDARD_RANGE.to },
    service: query.get('service') ?? '',
    live: query.get('live') !== 'off',
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    filters: Object.fromEntries([...query].filter(([name]) => !OWN.has(name)))
  }
}

/** The path and query of a place; what is usual is left out. */
export function urlOf ({ view, id, range, service, live, theme, filters }: Place): string {
  const query = new URLSearchParams()
  if (range.from !== STANDARD_RANGE.from) query.set('from', range.from)
  if (range.to !== STANDARD_RANGE.to) query.set('to', range.to)
  if (service !== '') query.set('service', service)
  if (!live) query.set('live', 'off')
  if (theme !== 'system') query.set('theme', theme)
  for (const [name, value] of Object.entries(filters)) if (value !== '') query.set(name, value)
  const path = view === 'overview' ? '/' : id === '' ? `/${view}` : `/${view}/${encodeURIComponent(id)}`
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

function decode (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
