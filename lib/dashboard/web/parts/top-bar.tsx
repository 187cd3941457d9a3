import { useQuery } from '../data/use-query.ts'
import { formatTime } from '../format/time.ts'
import type { Theme } from '../state/location.ts'
import { usePlace } from '../state/place-context.ts'
import { PRESETS, isRelative } from '../state/time-range.ts'

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }

export function TopBar ({ connected }: { connected: boolean }) {
  const { place, go } = usePlace()
  const { range, service, live, theme } = place
  const { result } = useQuery('services', { from: '-7d' }, ['traces', 'logs'])
  const services = result?.rows.map(row => String(row['service'])) ?? []
  const state = !live ? 'paused' : connected ? 'live' : 'waiting'
  return (
    <header class='bar'>
      <div class='group' role='group' aria-label='Time range'>
        {PRESETS.map(([from, label]) => (
          <button key={from} type='button' aria-pressed={range.from === from && isRelative(range)} onClick={() => { go({ range: { from, to: 'now' } }) }}>{label}</button>
        ))}
      </div>
      {!(isRelative(range) && PRESETS.some(([from]) => from === range.from)) && (
        <span class='chip mono'>
          {isRelative(range) ? `since ${range.from}` : `${formatTime(range.from)} – ${formatTime(range.to)}`}
          <button type='button' class='quiet' aria-label='Back to the last 15 minutes' onClick={() => { go({ range: { from: '-15m', to: 'now' } }) }}>×</button>
        </span>
      )}
      <label>
        <span class='hidden'>Service</span>
        <select value={service} onChange={event => { go({ service: event.currentTarget.value }) }}>
          <option value=''>All services</option>
          {[...new Set([...services, ...(service === '' ? [] : [service])])].map(name => <option key={name} value={name}>{name}</option>)}
        </select>
      </label>
      <span class='push' />
      <button type='button' class='live' data-state={state} aria-pressed={undefined} title='p' onClick={() => { go({ live: !live }, { replace: true }) }}>
        {state === 'live' ? 'Live' : state === 'paused' ? 'Paused' : 'Connecting'}
      </button>
      <button type='button' onClick={() => { go({ theme: NEXT_THEME[theme] }, { replace: true }) }}>Theme: {theme}</button>
    </header>
  )
}
