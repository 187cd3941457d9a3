import { useQuery } from '../../data/use-query.ts'
import type { Row } from '../../data/client.ts'
import { formatCount, formatDollars, formatDuration, formatExact } from '../../format/numbers.ts'
import { formatTime, formatWhole } from '../../format/time.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Mark } from '../../parts/mark.tsx'
import { QueryButton } from '../../parts/query-button.tsx'
import { PlaceLink } from '../../parts/rail.tsx'
import { Empty, Failure } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'
import { CallPayload } from './call-payload.tsx'
import { StepCard } from './step-card.tsx'

/** Rows of other tables say when they were written: the run itself is found whenever it was. */
const ALL_TIME = '-365d'

export function RunView ({ id }: { id: string }) {
  const { place, filter } = usePlace()
  const asked = { run: id }
  const found = useQuery('runs', { run: id, from: ALL_TIME, limit: 1 }, ['agents'])
  const steps = useQuery('run-steps', asked, ['agents'])
  const calls = useQuery('run-calls', asked, ['agents'])
  const tools = useQuery('run-tools', asked, ['agents', 'traces'])
  for (const asking of [found, steps, calls, tools]) if (asking.error !== undefined) return <Failure asking={asking} />
  // Nothing moves down because a tool came later than its step.
  if ([found, steps, calls, tools].some(({ result }) => result === undefined)) return <div class='empty' aria-busy='true'>Loading</div>
  const run = found.result?.rows[0]
  if (run === undefined) {
    return <Empty>No run of this id is stored. <PlaceLink to={{ id: '', filters: {} }}>All runs</PlaceLink></Empty>
  }
  const rowsOf = (asking: typeof steps): readonly Row[] => asking.result?.rows ?? []
  const known = new Set(rowsOf(steps).map(row => row['step_id']))
  const window = { start: run['started'] as string, duration: run['duration_ms'] as number | null ?? Math.max(0, Date.now() - Date.parse(run['started'])) }
  const opened = rowsOf(calls).find(row => row['call_id'] === place.filters['call'])
  const open = (call: Row): void => { filter({ call: call['call_id'] === place.filters['call'] ? '' : call['call_id'] }) }
  const loose = { calls: rowsOf(calls).filter(row => !known.has(row['step_id'])), tools: rowsOf(tools).filter(row => !known.has(row['step_id'])) }
  return (
    <div class='stack'>
      <div class='row'>
        <PlaceLink to={{ id: '', filters: {} }}>Runs</PlaceLink><span class='muted'>/</span>
        <h1 class='mono'>{id}</h1><Mark status={run['outcome']} /> <span class='error'>{run['error_type']}</span>
        <CopyButton text={id}>Copy run id</CopyButton>
        {run['trace_id'] !== '' && <PlaceLink to={{ view: 'traces', id: run['trace_id'], filters: {} }}>Show trace</PlaceLink>}
        <QueryButton asking={found} />
      </div>
      <div class='facts'>
        {[
          ['Took', formatDuration(run['duration_ms'])], ['First token', formatDuration(run['ttft_ms'])], ['Steps', formatExact(run['steps'])], ['LLM calls', formatExact(run['calls'])],
          ['Tokens in', formatCount(run['input_tokens'])], ['cached', formatCount(run['cached_input_tokens'])], ['Tokens out', formatCount(run['output_tokens'])],
          ['reasoning', formatCount(run['reasoning_tokens'])], ['Cost', formatDollars(run['cost_usd'])]
        ].map(([label, value]) => <div key={label}><span class='label'>{label}</span><span class='value'>{value}</span></div>)}
        <div title={formatWhole(run['started'])}><span class='label'>Started</span><span class='value'>{formatTime(run['started'])}</span></div>
        <div><span class='label'>Agent</span><PlaceLink to={{ id: '', filters: { agent: run['agent_id'] } }}>{run['agent_id']}</PlaceLink></div>
      </div>
      {rowsOf(steps).map((step, index) => (
        <StepCard
          key={step['step_id']} title={`Step ${index + 1}`} step={step} asking={steps} window={window} opened={place.filters['call'] ?? ''} onOpen={open}
          calls={rowsOf(calls).filter(row => row['step_id'] === step['step_id'])} tools={rowsOf(tools).filter(row => row['step_id'] === step['step_id'])}
        />
      ))}
      {loose.calls.length + loose.tools.length > 0 && (
        <StepCard title='Outside of steps' asking={calls} window={window} opened={place.filters['call'] ?? ''} onOpen={open} calls={loose.calls} tools={loose.tools} />
      )}
      {opened !== undefined && <CallPayload call={opened} key={opened['call_id']} />}
    </div>
  )
}
