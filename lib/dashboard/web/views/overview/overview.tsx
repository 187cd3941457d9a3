import { useQuery } from '../../data/use-query.ts'
import { Empty, Failure, SEND_TELEMETRY } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'
import { precisionOf, previousRange } from '../../state/time-range.ts'
import { askedOf } from './asked.ts'
import { Charts } from './charts.tsx'
import { Endpoints } from './endpoints.tsx'
import { Figures } from './figures.tsx'
import { PipelineCard } from './pipeline-card.tsx'
import { SloCard } from './slo-card.tsx'
import { TraceList } from './trace-list.tsx'

export function Overview () {
  const { place, filter } = usePlace()
  const { filters, range } = place
  const endpoint = [filters['method'], filters['route']].filter(part => part !== undefined && part !== '').join(' ')
  const asked = { ...askedOf(place), precision: precisionOf(range) }
  const now = useQuery('requests', asked, ['traces'])
  const before = useQuery('requests', { ...asked, ...previousRange(range) }, ['traces'])
  const none = now.result !== undefined && !now.stale && now.result.rows.length === 0
  return (
    <div class='overview'>
      <div class='stack'>
        {endpoint !== '' && (
          <div class='row'>
            <span class='chip mono'>{endpoint}
              <button type='button' class='quiet' aria-label='All endpoints' onClick={() => { filter({ route: '', method: '' }) }}>×</button>
            </span>
          </div>
        )}
        {now.error !== undefined && <Failure asking={now} />}
        {none && <Empty line={SEND_TELEMETRY}>No request in this time. What speaks OpenTelemetry sends its telemetry here with:</Empty>}
        <Figures now={now} before={before} />
        <Charts />
        <Endpoints />
      </div>
      <div class='stack'>
        <TraceList title='Failing traces' parameters={{ status: 'error', order: 'newest' }} none='Nothing failed.' />
        <TraceList title='Slowest traces' parameters={{ order: 'slowest' }} none='No trace in this time.' />
        <SloCard />
        <PipelineCard />
      </div>
    </div>
  )
}
