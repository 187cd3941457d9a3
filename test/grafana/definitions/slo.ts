import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import { goodRequests } from '../../../lib/store/queries/slo.ts'
import { MINUTES } from '../../../lib/store/queries/named-query.ts'
import { isOfRoute } from '../../../lib/store/queries/route.ts'
import type { DashboardDefinition, PanelDefinition } from './dashboard.ts'
import { grafanaSql, numberVariable, queryOf, variable } from './grafana-sql.ts'
import { REQUEST_VARIABLES } from './requests.ts'

const VALUES = {
  service: variable('service'), route: variable('route'), objective: numberVariable('objective'), threshold_ms: numberVariable('threshold_ms')
}
const WINDOWS = queryOf(NAMED_QUERIES.slo, VALUES)
const DAY = 86_400

/** One number of one window. */
const stat = (panel: Omit<PanelDefinition, 'type' | 'sql'>, column: string, window: string): PanelDefinition => ({
  ...panel, type: 'stat', sql: `SELECT ${column}\nFROM (\n${WINDOWS.replace(/^/gm, '  ')}\n)\nWHERE window = '${window}'`
})

/**
 * Requests of each interval and of the time before it.
 *
 * @param windows SQL of the sums `requests` and `good` over windows
 * @param seconds that are looked back
 */
const sliding = (columns: string, windows: string, seconds: number): string => grafanaSql(`
  SELECT toDateTime(bucket) AS time, ${columns}
  FROM (
    SELECT bucket, ${windows}
    FROM (
      SELECT toUInt32(toUnixTimestamp($__timeInterval(minute))) AS bucket, sum(m.requests) AS requests, sum(m.good) AS good
      FROM (
        ${goodRequests(`$__fromTime - ${seconds}`, '$__toTime')}
      ) AS m
      GROUP BY bucket
    )
  )
  WHERE time >= $__fromTime
  ORDER BY time`, VALUES)

const over = (seconds: number): string => `(ORDER BY bucket RANGE BETWEEN ${seconds} PRECEDING AND CURRENT ROW)`
const burn = (name: string, seconds: number): string =>
  `(1 - sum(good) OVER ${over(seconds)} / sum(requests) OVER ${over(seconds)}) / (1 - {objective:Float64}) AS "${name}"`

export const slo: DashboardDefinition = {
  uid: 'letta-otel-slo',
  title: 'letta-otel: service level objective',
  description: 'Which part of requests was good, how fast the error budget of 30 days burns, and what is left of it.',
  from: 'now-7d',
  variables: [
    ...REQUEST_VARIABLES,
    { name: 'objective', label: 'Objective', values: ['0.999', '0.9', '0.95', '0.99', '0.995', '0.9995', '0.9999'] },
    { name: 'threshold_ms', label: 'Good up to (ms; 0: any time)', values: ['0', '500', '1000', '2000', '5000', '10000', '30000'] }
  ],
  rows: [
    {
      height: 5,
      panels: [
        stat({ id: 1, title: 'Good in 30 days', unit: 'percentunit' }, 'compliance', '30d'),
        stat({ id: 2, title: 'Error budget left', unit: 'percentunit', redBelow: 0 }, 'budget_left', '30d'),
        stat({ id: 3, title: 'Burn rate, last hour', unit: 'short', redFrom: 14.4, description: 'At 1 the budget is used up in exactly 30 days.' }, 'burn_rate', '1h'),
        stat({ id: 4, title: 'Burn rate, last 6 hours', unit: 'short', redFrom: 6 }, 'burn_rate', '6h'),
        stat({ id: 5, title: 'Burn rate, last 3 days', unit: 'short', redFrom: 1 }, 'burn_rate', '3d')
      ]
    },
    {
      height: 8,
      panels: [{
        id: 6, title: 'Windows up to the end of the time range', type: 'table', units: { compliance: 'percentunit', budget_left: 'percentunit' }, sql: WINDOWS
      }, {
        id: 7,
        title: 'Burn rate',
        description: 'Over the hour and the 6 hours before; alerts fire above 14.4 and 6.',
        type: 'timeseries',
        unit: 'short',
        sql: sliding('"1 hour", "6 hours"', `${burn('1 hour', 3_600)}, ${burn('6 hours', 21_600)}`, 21_600)
      }]
    },
    {
      height: 8,
      panels: [{
        id: 8, title: 'Good requests', type: 'timeseries', unit: 'percentunit', sql: sliding('good / requests AS good_part', 'requests, good', 0)
      }, {
        id: 9,
        title: 'Error budget left of the 30 days before',
        type: 'timeseries',
        unit: 'percentunit',
        sql: sliding('1 - burn_rate AS budget_left', burn('burn_rate', 30 * DAY), 30 * DAY)
      }]
    },
    {
      height: 8,
      panels: [{
        id: 10,
        title: 'Where the budget goes',
        description: 'Endpoints by failed requests in the time range; slow ones do not count here.',
        type: 'table',
        units: { 'failed part': 'percentunit', 'share of all failures': 'percentunit' },
        sql: grafanaSql(`
          SELECT method, route, sum(m.requests) AS requests, sum(m.errors) AS failed, failed / requests AS "failed part",
            failed / nullIf(sum(failed) OVER (), 0) AS "share of all failures"
          FROM endpoint_minutes AS m
          WHERE ${MINUTES}
            AND ({service:String} = '' OR service_name = {service:String})
            AND ${isOfRoute('route')}
          GROUP BY method, route
          HAVING failed > 0
          ORDER BY failed DESC, route, method
          LIMIT 50`, VALUES)
      }]
    }
  ]
}
