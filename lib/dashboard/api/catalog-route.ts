import type { FastifyInstance } from 'fastify'
import type { NamedQuery } from '../../store/queries/named-query.ts'
import { PAGE_QUERIES } from '../queries/page-queries.ts'
import { withoutIndentation } from './query-route.ts'
import { CATALOG_SCHEMA } from './schemas.ts'

/** `GET /api/queries`: every question there is, with what it may be asked and its SQL. */
export function catalogRoute (app: FastifyInstance): void {
  const queries = (Object.values(PAGE_QUERIES) as NamedQuery[])
    .map(query => ({ ...query, sql: withoutIndentation(query.sql) }))
  app.get('/queries', { schema: { response: { 200: CATALOG_SCHEMA } } }, async () => ({ queries }))
}
