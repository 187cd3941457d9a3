import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Panel {
  readonly id: number
  readonly title: string
  readonly type: string
  readonly sql: string
  /** Label that series are called by. */
  readonly series: string | undefined
  /** Columns that something is said of. */
  readonly columns: readonly string[]
}

/** What matters of a dashboard that Grafana would load. */
export interface Dashboard {
  readonly json: DashboardJson
  readonly panels: readonly Panel[]
  /** SQL of variables whose values are asked for. */
  readonly offers: Readonly<Record<string, string>>
  /** What stands in queries for all values of these. */
  readonly allValues: Readonly<Record<string, string>>
  /** What other variables are set to. */
  readonly chosen: Readonly<Record<string, string>>
}

export interface PanelJson {
  readonly id: number
  readonly title: string
  readonly type: string
  readonly datasource: object
  readonly gridPos: { readonly x: number, readonly y: number, readonly w: number, readonly h: number }
  readonly targets: ReadonlyArray<{ readonly refId: string, readonly datasource: object, readonly rawSql: string, readonly format: number }>
  readonly fieldConfig: {
    readonly defaults: { readonly displayName?: string, readonly unit?: string }
    readonly overrides: ReadonlyArray<{ readonly matcher: { readonly options: string }, readonly properties: ReadonlyArray<{ readonly id: string, readonly value: unknown }> }>
  }
}

export interface DashboardJson {
  readonly uid: string
  readonly title: string
  readonly panels: readonly PanelJson[]
  readonly templating: {
    readonly list: ReadonlyArray<{ readonly name: string, readonly type: string, readonly query: { readonly rawSql: string }, readonly allValue: string, readonly current: { readonly value: string } }>
  }
}

/** @param name of a file in docs/grafana */
export function readDashboard (name: string): Dashboard {
  const json = JSON.parse(readFileSync(fileURLToPath(new URL(`../../docs/grafana/${name}.json`, import.meta.url)), 'utf8')) as DashboardJson
  const variables = json.templating.list.filter(({ type }) => type !== 'datasource')
  const asked = variables.filter(({ type }) => type === 'query')
  return {
    json,
    panels: json.panels.map(({ id, title, type, targets: [target], fieldConfig: { defaults, overrides } }) => ({
      id, title, type, sql: target!.rawSql, series: /labels\.(\w+)/.exec(defaults.displayName ?? '')?.[1], columns: overrides.map(({ matcher }) => matcher.options)
    })),
    offers: Object.fromEntries(asked.map(({ name, query }) => [name, query.rawSql])),
    allValues: Object.fromEntries(asked.map(({ name, allValue }) => [name, allValue])),
    chosen: Object.fromEntries(variables.filter(({ type }) => type !== 'query').map(({ name, current }) => [name, current.value]))
  }
}
