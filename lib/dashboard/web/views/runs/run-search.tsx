import { useQuery } from '../../data/use-query.ts'
import { formatCount, formatDollars, formatDuration } from '../../format/numbers.ts'
import { formatTime, formatWhole } from '../../format/time.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Choice, Field } from '../../parts/fields.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Answered, Empty } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'
import { CallComparison } from './call-comparison.tsx'

const OUTCOMES = ['ok', 'error', 'cancelled', 'disconnected', 'incomplete', 'running']
const RECORD_RUNS = "await app.register(lettaOtel, { store: { url: 'http://127.0.0.1:8123' } })"

export function RunSearch () {
  const { place, go, filter } = usePlace()
  const { range, filters } = place
  const asking = useQuery('runs', {
    from: range.from, to: range.to, run: filters['run'], agent: filters['agent'], model: filters['model'], outcome: filters['outcome'], order: filters['order']
  }, ['agents'])
  return (
    <div class='stack'>
      <CallComparison />
      <form class='filters' role='search' onSubmit={event => { event.preventDefault() }}>
        <Field label='Run' value={filters['run'] ?? ''} onValue={run => { filter({ run }) }} placeholder='id' searches />
        <Field label='Agent' value={filters['agent'] ?? ''} onValue={agent => { filter({ agent }) }} placeholder='id' />
        <Field label='Model' value={filters['model'] ?? ''} onValue={model => { filter({ model }) }} placeholder='name' />
        <Choice label='Outcome' value={filters['outcome'] ?? ''} onValue={outcome => { filter({ outcome }) }} options={[['', 'any'], ...OUTCOMES.map(name => [name, name] as const)]} />
        <Choice label='Order' value={filters['order'] ?? ''} onValue={order => { filter({ order }) }} options={[['', 'newest'], ['slowest', 'slowest'], ['dearest', 'dearest']]} />
      </form>
      <Card title='Runs' asking={asking}>
        <Answered asking={asking}>
          {rows => rows.length === 0
            ? <Empty line={RECORD_RUNS}>No agent ran in this time, or none that was asked for. A server records its agents' runs here with:</Empty>
            : (
              <DataTable
                label='Runs' rows={rows} rowKey={row => `${row['organization_id']} ${row['run_id']}`} onOpen={row => { go({ id: row['run_id'], filters: {} }) }}
                columns={[
                  { title: 'Started', by: row => row['started'], cell: row => <span title={formatWhole(row['started'])}>{formatTime(row['started'])}</span> },
                  { title: 'Agent', by: row => row['agent_id'], cell: row => row['agent_id'] },
                  { title: 'Outcome', by: row => row['outcome'], cell: row => <><Mark status={row['outcome']} /> <span class='error'>{row['error_type']}</span></> },
                  { title: 'Took', end: true, by: row => row['duration_ms'] ?? 0, cell: row => formatDuration(row['duration_ms']) },
                  { title: 'First token', end: true, by: row => row['ttft_ms'] ?? 0, cell: row => formatDuration(row['ttft_ms']) },
                  { title: 'Steps', end: true, by: row => row['steps'], cell: row => row['steps'] },
                  { title: 'Calls', end: true, by: row => row['calls'], cell: row => row['calls'] },
                  { title: 'In', end: true, by: row => row['input_tokens'], cell: row => formatCount(row['input_tokens']) },
                  { title: 'Out', end: true, by: row => row['output_tokens'], cell: row => formatCount(row['output_tokens']) },
                  { title: 'Cost', end: true, by: row => row['cost_usd'] ?? 0, cell: row => formatDollars(row['cost_usd']) },
                  { title: 'Models', by: row => row['models'], cell: row => row['models'] },
                  { title: 'Tools', by: row => row['tools'], cell: row => row['tools'] }
                ]}
              />
              )}
        </Answered>
      </Card>
    </div>
  )
}
