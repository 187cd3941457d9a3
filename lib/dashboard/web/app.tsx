import { useEffect, useMemo, useState } from 'preact/hooks'
import type { ComponentType } from 'preact'
import { LiveContext, LiveFeed } from './data/live.ts'
import { KeysHelp } from './parts/keys-help.tsx'
import { Rail } from './parts/rail.tsx'
import { TopBar } from './parts/top-bar.tsx'
import type { View } from './state/location.ts'
import { PlaceContext, useNavigation } from './state/place-context.ts'
import { useKeys } from './state/use-keys.ts'
import { useTheme } from './state/use-theme.ts'
import { Logs } from './views/logs/logs.tsx'
import { Metrics } from './views/metrics/metrics.tsx'
import { Overview } from './views/overview/overview.tsx'
import { Runs } from './views/runs/runs.tsx'
import { Sql } from './views/sql/sql.tsx'
import { Traces } from './views/traces/traces.tsx'

const VIEW: Readonly<Record<View, ComponentType>> = { overview: Overview, traces: Traces, runs: Runs, logs: Logs, metrics: Metrics, sql: Sql }
const TITLE: Readonly<Record<View, string>> = { overview: 'Overview', traces: 'Traces', runs: 'Runs', logs: 'Logs', metrics: 'Metrics', sql: 'SQL' }

export function App () {
  const navigation = useNavigation()
  const { place } = navigation
  const [connected, setConnected] = useState(false)
  const [helps, setHelps] = useState(false)
  const feed = useMemo(() => new LiveFeed(setConnected), [])
  useKeys(navigation, () => { setHelps(true) })
  useTheme(place.theme)
  useEffect(() => { document.title = `${TITLE[place.view]} · letta-otel` }, [place.view])
  useEffect(() => {
    const follow = (): void => {
      if (place.live && document.visibilityState === 'visible') feed.open()
      else feed.close()
    }
    follow()
    document.addEventListener('visibilitychange', follow)
    return () => { document.removeEventListener('visibilitychange', follow) }
  }, [feed, place.live])
  const Shown = VIEW[place.view]
  return (
    <PlaceContext.Provider value={navigation}>
      <LiveContext.Provider value={feed}>
        <div class='frame'>
          <Rail />
          <TopBar connected={connected} />
          <main tabIndex={-1} aria-label={TITLE[place.view]}><Shown /></main>
        </div>
        {helps && <KeysHelp onClose={() => { setHelps(false) }} />}
      </LiveContext.Provider>
    </PlaceContext.Provider>
  )
}
