import { useEffect, useState } from 'preact/hooks'
import { ask, queryUrl } from '../../data/client.ts'
import { literalSql } from '../../format/sql.ts'
import { Card } from '../../parts/card.tsx'
import { usePlace } from '../../state/place-context.ts'

interface Listed {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly parameters: Readonly<Record<string, { default?: unknown }>>
}

/** The named queries. One that is chosen becomes a statement with its usual values, of the time that is looked at. */
export function NamedList ({ onChoose }: { onChoose: (sql: string) => void }) {
  const { place: { range } } = usePlace()
  const [queries, setQueries] = useState<readonly Listed[]>([])
  const [problem, setProblem] = useState('')
  useEffect(() => {
    ask<{ queries: readonly Listed[] }>('/api/queries').then(answer => { setQueries(answer.queries) }, problem => { setProblem(String(problem)) })
  }, [])
  // What needs an id is asked from where ids are: a trace, a run, a call.
  const whole = queries.filter(({ parameters }) => Object.values(parameters).every(parameter => parameter.default !== undefined))
  const choose = async ({ name, parameters }: Listed): Promise<void> => {
    const { query } = await ask(queryUrl(name, { ...('from' in parameters && range), limit: 'limit' in parameters ? 50 : undefined }))
    onChoose(literalSql(query.sql, query.parameters))
  }
  return (
    <Card title='Named queries'>
      {problem !== '' && <p class='error'>{problem}</p>}
      <div class='list' data-list>
        {whole.map(query => <button key={query.name} type='button' data-item title={query.description} onClick={() => { choose(query).catch(problem => { setProblem(String(problem)) }) }}>{query.title}</button>)}
      </div>
    </Card>
  )
}
