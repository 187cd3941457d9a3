import type { FastifyInstance } from 'fastify'
import { bindParameters } from '../../store/queries/parameters.ts'
import { runQuery } from '../../store/queries/run-query.ts'
import { LETTA_OTEL_STORE_UNKNOWN_QUERY, describeValue } from '../../errors.ts'
import { PAGE_QUERIES, pageQuery } from '../queries/page-queries.ts'
import type { DashboardOptions } from '../options.ts'
import type { Answer } from './answer.ts'
import { clientGone } from './client-gone.ts'
import { ANSWER_SCHEMA, QUERY_PARAMETERS_SCHEMA } from './schemas.ts'

/** A question of the page is asked again and again: one that takes longer is of no use to it. */
const MAXIMUM_SECONDS = 10

/** `GET /api/queries/<name>?<parameters>`: one question, its rows, and the SQL that they are from. */
export function queryRoute (app: FastifyInstance, { store, scope = 'all-organizations' }: DashboardOptions): void {
  app.get<{ Params: { name: string }, Querystring: Record<string, string> }>('/queries/:name', {
    schema: { params: QUERY_PARAMETERS_SCHEMA, response: { 200: ANSWER_SCHEMA } }
  }, async (request, reply): Promise<Answer> => {
    const query = pageQuery(request.params.name)
    if (query === undefined) {
      throw new LETTA_OTEL_STORE_UNKNOWN_QUERY(describeValue(request.params.name), Object.keys(PAGE_QUERIES).join(', '))
    }
    // What is shown is what was bound: both are of the same moment.
    const now = Date.now()
    const parameters = bindParameters(query.name, query.parameters, request.query, now)
    const signal = clientGone(reply)
    const started = performance.now()
    const rows = await runQuery(store.engine, query, request.query, scope, { signal, now, maximumSeconds: MAXIMUM_SECONDS })
    void reply.header('cache-control', 'no-store')
    return {
      rows,
      columns: query.columns,
      truncated: rows.length === parameters['limit'],
      elapsed_ms: performance.now() - started,
      authorized: request.headers.authorization !== undefined,
      query: {
        name: query.name,
        title: query.title,
        sql: withoutIndentation(query.sql),
        parameters: {
          ...parameters,
          all_organizations: scope === 'all-organizations' ? 1 : 0,
          organization: scope === 'all-organizations' ? '' : scope.organizationId
        }
      }
    }
  })
}

/** Statements stand indented in their files. */
export function withoutIndentation (sql: string): string {
  return sql.replace(/^ {4}/gm, '').trim()
}
