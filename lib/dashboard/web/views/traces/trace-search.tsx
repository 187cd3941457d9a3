import { useQuery } from '../../data/use-query.ts'
import { formatDuration } from '../../format/numbers.ts'
import { formatTime, formatWhole } from '../../format/time.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Choice, Field } from '../../parts/fields.tsx'
import { Mark } from '../../parts/mark.tsx'
import { Answered, Empty, SEND_TELEMETRY } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'

const TRACE_ID = /^[0-9a-f]{32}$/i
const NUMBER = /^\d+(?:\.\d+)?$/

export function TraceSearch () {
  const { place, go, filter } = usePlace()
  const { range, service, filters } = place
  const milliseconds = (name: string): string | undefined => NUMBER.test(filters[name] ?? '') ? filters[name] : undefined
  const asking = useQuery('traces', {
    from: range.from,
    to: range.to,
    service,
    text: filters['text'],
    route: filters['route'],
    attributes: filters['attributes'],
    http_status: filters['http_status'],
    status: filters['status'],
    spans: filters['spans'],
    order: filters['order'],
    minimum_ms: milliseconds('minimum_ms'),
    maximum_ms: milliseconds('maximum_ms')
  }, ['traces'])
  const search = (text: string): void => {
    if (TRACE_ID.test(text.trim())) go({ id: text.trim().toLowerCase(), filters: {} })
    else filter({ text })
  }
  return (
    <div class='stack'>
      <form class='filters' role='search' onSubmit={event => { event.preventDefault() }}>
        <Field label='Search' value={filters['text'] ?? ''} onValue={search} placeholder='text or trace id' wide searches />
        <Field label='Route' value={filters['route'] ?? ''} onValue={route => { filter({ route }) }} placeholder='/v1/agents' />
        <Field label='Attributes' value={filters['attributes'] ?? ''} onValue={attributes => { filter({ attributes }) }} placeholder='name=value,name=value' wide />
        <Field label='Status code' value={filters['http_status'] ?? ''} onValue={value => { filter({ http_status: value }) }} placeholder='5 or 404' short />
        <Field label='At least' value={filters['minimum_ms'] ?? ''} onValue={value => { filter({ minimum_ms: value }) }} placeholder='ms' short />
        <Field label='At most' value={filters['maximum_ms'] ?? ''} onValue={value => { filter({ maximum_ms: value }) }} placeholder='ms' short />
        <Choice label='Outcome' value={filters['status'] ?? ''} onValue={status => { filter({ status }) }} options={[['', 'any'], ['ok', 'ok'], ['error', 'error']]} />
        <Choice label='Spans' value={filters['spans'] ?? ''} onValue={spans => { filter({ spans }) }} options={[['', 'entries'], ['any', 'any']]} />
        <Choice label='Order' value={filters['order'] ?? ''} onValue={order => { filter({ order }) }} options={[['', 'newest'], ['slowest', 'slowest']]} />
      </form>
      <Card title='Traces' asking={asking}>
        <Answered asking={asking}>
          {rows => rows.length === 0
            ? <Empty line={SEND_TELEMETRY}>No trace has all of this. Ask for a longer time or for less, or send some:</Empty>
            : (
              <DataTable
                label='Traces' rows={rows} rowKey={row => row['trace_id']} onOpen={row => { go({ id: row['trace_id'], filters: {} }) }}
                columns={[
                  { title: 'Started', by: row => row['started'], cell: row => <span title={formatWhole(row['started'])}>{formatTime(row['started'])}</span> },
                  { title: 'Name', by: row => row['name'], cell: row => row['name'] },
                  { title: 'Service', by: row => row['service'], cell: row => row['service'] },
                  { title: 'Took', end: true, by: row => row['duration_ms'], cell: row => formatDuration(row['duration_ms']) },
                  { title: 'Outcome', by: row => row['status'], cell: row => <Mark status={row['status']} /> },
                  { title: 'Code', end: true, by: row => row['http_status'], cell: row => row['http_status'] },
                  { title: 'Error', by: row => row['error'], cell: row => <span class='error'>{row['error']}</span> },
                  { title: 'Trace', cell: row => <span class='muted'>{row['trace_id']}</span> }
                ]}
              />
              )}
        </Answered>
      </Card>
    </div>
  )
}
