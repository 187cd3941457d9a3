import { useQuery } from '../../data/use-query.ts'
import { formatCount, formatNumber, formatRatio } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { Answered } from '../../parts/states.tsx'
import { usePlace } from '../../state/place-context.ts'

const OBJECTIVES = ['0.99', '0.995', '0.999', '0.9999']
/** Burn rates at which the pairs of windows alert: 2 % of a month's budget in an hour, 5 % in six. */
const FAST: Readonly<Record<string, number>> = { '1h': 14.4, '6h': 6 }

/** How much of a month's error budget is left, and how fast it goes. */
export function SloCard () {
  const { place, filter } = usePlace()
  const { service, filters, range } = place
  const objective = filters['objective'] ?? '0.999'
  const asking = useQuery('slo', { objective, service, route: filters['route'], to: range.to }, ['traces'])
  return (
    <Card title='Objective' asking={asking}>
      <Answered asking={asking}>
        {rows => {
          const of = (window: string) => rows.find(row => row['window'] === window)
          const month = of('30d')
          const left = month?.['budget_left'] as number | null | undefined
          return (
            <>
              <div class='row'>
                <label><span class='hidden'>Objective</span>
                  <select value={objective} onChange={event => { filter({ objective: event.currentTarget.value }) }}>
                    {[...new Set([...OBJECTIVES, objective])].map(value => <option key={value} value={value}>{formatRatio(Number(value))} good</option>)}
                  </select>
                </label>
                <span class='muted'>over 30 days, or as many of them as are kept</span>
              </div>
              <div class={`budget ${(left ?? 1) < 0.1 ? 'low' : ''}`} aria-hidden='true'><i style={{ width: `${Math.max(0, Math.min(1, left ?? 1)) * 100}%` }} /></div>
              <dl>
                <dt>Budget left</dt><dd class='number'>{formatRatio(left)}</dd>
                <dt>Good</dt><dd class='number'>{formatRatio(month?.['compliance'])} of {formatCount(month?.['requests'])}</dd>
                {['1h', '6h'].map(window => {
                  const burn = of(window)?.['burn_rate'] as number | null | undefined
                  return [<dt key={window}>Burn rate, {window}</dt>, <dd key={`${window}-value`} class={`number ${(burn ?? 0) > FAST[window]! ? 'error' : ''}`}>{formatNumber(burn)}</dd>]
                })}
              </dl>
            </>
          )
        }}
      </Answered>
    </Card>
  )
}
