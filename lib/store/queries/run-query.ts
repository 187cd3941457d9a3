import { LETTA_OTEL_STORE_INVALID_PARAMETER } from '../../errors.ts'
import type { Engine } from '../engine.ts'
import { readRow, type Columns, type RowOf } from './columns.ts'
import type { NamedQuery } from './named-query.ts'
import { bindParameters, type BoundParameters, type ParameterDefinitions, type ParameterValues } from './parameters.ts'

/**
 * Whose rows may be found: one organization's, whose id is not empty, or everybody's, which is for operators. It is never one of a query's
 * parameters, so that no text of a caller's can widen it.
 */
export type QueryScope = { readonly organizationId: string } | 'all-organizations'

export interface RunQueryOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds since the epoch; what relative times count from. @default Date.now() */
  readonly now?: number | undefined
  /** Seconds the engine may work on it. @default 30 */
  readonly maximumSeconds?: number | undefined
}

const NANOSECONDS_IN_A_DAY = 86_400e9
/** No answer is larger, whatever its rows hold. */
const MAXIMUM_RESULT_BYTES = 256 * 1024 * 1024

/**
 * Asks a named query.
 *
 * @throws LETTA_OTEL_STORE_INVALID_PARAMETER when a value cannot work, LETTA_OTEL_STORE_STATEMENT_FAILED when the engine cannot answer
 */
export async function runQuery<Parameters extends ParameterDefinitions, Shape extends Columns> (
  engine: Pick<Engine, 'query'>,
  query: NamedQuery<Parameters, Shape>,
  given: ParameterValues<Parameters>,
  scope: QueryScope,
  { signal, now = Date.now(), maximumSeconds = 30 }: RunQueryOptions = {}
): Promise<Array<RowOf<Shape>>> {
  const bound = bindParameters(query.name, query.parameters, given, now)
  checkRange(query, bound)
  const everybody = scope === 'all-organizations'
  // Spans that name no organization may be part of anyone's trace: they are not what belongs to nobody.
  if (!everybody && scope.organizationId === '') {
    throw new LETTA_OTEL_STORE_INVALID_PARAMETER('organization', query.name, '""', 'name one; for everybody\'s, leave it out on the command line, and ask for "all-organizations" in code')
  }
  const rows = await engine.query<Record<string, unknown>>(query.sql, {
    ...bound,
    all_organizations: everybody ? 1 : 0,
    organization: everybody ? '' : scope.organizationId
  }, {
    ...(signal !== undefined && { signal }),
    settings: {
      max_execution_time: maximumSeconds,
      max_result_bytes: MAXIMUM_RESULT_BYTES,
      // Of no rows, an average is no number.
      output_format_json_quote_denormals: 0
    }
  })
  return rows.map(row => readRow(query.columns, row))
}

function checkRange ({ name, maximumDays = Infinity }: NamedQuery, { from, to }: BoundParameters): void {
  if (typeof from !== 'string' || typeof to !== 'string') return
  const length = BigInt(to) - BigInt(from)
  if (length <= 0n) throw new LETTA_OTEL_STORE_INVALID_PARAMETER('from', name, 'at or after "to"', 'give a time before the end')
  if (Number(length) / NANOSECONDS_IN_A_DAY > maximumDays) {
    throw new LETTA_OTEL_STORE_INVALID_PARAMETER('from', name, `more than ${maximumDays} days before "to"`, 'ask for a shorter time')
  }
}
