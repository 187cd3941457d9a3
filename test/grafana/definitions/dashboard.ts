/** Dashboards as they are written down, and as the JSON that Grafana loads. */

/** What the data source is called in provisioning: alert rules can only name one. */
export const DATA_SOURCE_UID = 'letta-otel-clickhouse'
export const DATA_SOURCE_TYPE = 'grafana-clickhouse-datasource'
const PLUGIN_VERSION = '4.20.0'
/** The data source that was chosen on a dashboard. */
const CHOSEN = { type: DATA_SOURCE_TYPE, uid: '$' + '{datasource}' } as const

export interface PanelDefinition {
  /** Of the panel in its dashboard: links and embeddings name it, so it stays. */
  readonly id: number
  readonly title: string
  readonly type: 'stat' | 'timeseries' | 'table' | 'traces'
  readonly sql: string
  /** Grafana's name of it, for every number of the panel. */
  readonly unit?: string
  readonly description?: string
  /** Units of single columns. */
  readonly units?: Readonly<Record<string, string>>
  /** Columns that hold ids of traces. */
  readonly traceColumn?: string
  /** Column whose value is the name of a series. */
  readonly series?: string
  readonly stacked?: boolean
  /** Numbers from which on a stat is red. */
  readonly redFrom?: number
  /** Numbers below which a stat is red. */
  readonly redBelow?: number
}

export interface VariableDefinition {
  readonly name: string
  readonly label: string
  /** One column, its values are offered beside all; or a list of values, the first of which is chosen. */
  readonly sql?: string
  readonly values?: readonly string[]
}

export interface DashboardDefinition {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly from: string
  readonly variables: readonly VariableDefinition[]
  /** Rows of panels, each with its height; panels of a row are equally wide. */
  readonly rows: ReadonlyArray<{ readonly height: number, readonly panels: readonly PanelDefinition[] }>
}

export const TRACE_DASHBOARD = 'letta-otel-trace'
const GRID_WIDTH = 24
/** As sqlds counts them. */
const FORMATS = { timeseries: 0, table: 1, traces: 3 } as const

export function dashboardJson ({ uid, title, description, from, variables, rows }: DashboardDefinition): object {
  let y = 0
  const panels = rows.flatMap(({ height, panels }) => {
    const width = Math.floor(GRID_WIDTH / panels.length)
    const placed = panels.map((panel, index) => panelJson(panel, { h: height, w: width, x: index * width, y }))
    y += height
    return placed
  })
  return {
    uid,
    title,
    description,
    tags: ['letta-otel'],
    schemaVersion: 41,
    version: 1,
    editable: true,
    graphTooltip: 1,
    timezone: 'browser',
    refresh: '',
    time: { from, to: 'now' },
    links: [{
      type: 'dashboards', title: 'letta-otel', icon: 'external link', tooltip: '', tags: ['letta-otel'], asDropdown: true, targetBlank: false, includeVars: false, keepTime: true
    }],
    annotations: { list: [] },
    templating: { list: [dataSourceVariable(), ...variables.map(variableJson)] },
    panels
  }
}

function dataSourceVariable (): object {
  return { type: 'datasource', name: 'datasource', label: 'Data source', query: DATA_SOURCE_TYPE, current: { text: 'ClickHouse', value: DATA_SOURCE_UID }, refresh: 1 }
}

function variableJson ({ name, label, sql, values }: VariableDefinition): object {
  if (values !== undefined) {
    const [first = ''] = values
    return values.length === 1
      ? { type: 'textbox', name, label, query: first, current: { text: first, value: first } }
      : { type: 'custom', name, label, query: values.join(','), current: { text: first, value: first } }
  }
  return {
    type: 'query',
    name,
    label,
    datasource: CHOSEN,
    query: { refId: name, editorType: 'sql', rawSql: sql },
    refresh: 2,
    sort: 1,
    multi: false,
    includeAll: true,
    // Stands in the SQL as it is: the empty text, which the store's queries take for all.
    allValue: "''",
    current: { text: 'All', value: '$__all' }
  }
}

function panelJson (panel: PanelDefinition, gridPos: object): object {
  const { id, title, type, sql, description, unit } = panel
  const format = type === 'timeseries' || type === 'traces' ? type : 'table'
  return {
    id,
    title,
    ...(description !== undefined && { description }),
    type,
    datasource: CHOSEN,
    gridPos,
    // Rollups are of minutes.
    ...(type === 'timeseries' && { interval: '1m' }),
    targets: [{ refId: 'A', datasource: CHOSEN, editorType: 'sql', pluginVersion: PLUGIN_VERSION, queryType: format, format: FORMATS[format], rawSql: sql }],
    fieldConfig: { defaults: { ...(unit !== undefined && { unit }), ...defaultsOf(panel) }, overrides: overridesOf(panel) },
    options: optionsOf(panel)
  }
}

function defaultsOf ({ type, series, stacked = false, redFrom, redBelow }: PanelDefinition): object {
  if (type === 'timeseries') {
    return {
      min: 0,
      ...(series !== undefined && { displayName: `$\{__field.labels.${series}}` }),
      custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: stacked ? 30 : 0, showPoints: 'auto', spanNulls: false, stacking: { mode: stacked ? 'normal' : 'none', group: 'A' } }
    }
  }
  if (redFrom !== undefined) return { thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }, { color: 'red', value: redFrom }] } }
  if (redBelow !== undefined) return { thresholds: { mode: 'absolute', steps: [{ color: 'red', value: null }, { color: 'green', value: redBelow }] } }
  return type === 'stat' ? { thresholds: { mode: 'absolute', steps: [{ color: 'text', value: null }] } } : {}
}

function overridesOf ({ units = {}, traceColumn }: PanelDefinition): object[] {
  const overrides = Object.entries(units).map(([column, unit]) => ({ matcher: { id: 'byName', options: column }, properties: [{ id: 'unit', value: unit }] as object[] }))
  if (traceColumn !== undefined) {
    const url = `/d/${TRACE_DASHBOARD}?var-trace=$\{__value.raw}&$\{__url_time_range}&$\{datasource:queryparam}`
    overrides.push({ matcher: { id: 'byName', options: traceColumn }, properties: [{ id: 'links', value: [{ title: 'Show the trace', url }] }] })
  }
  return overrides
}

function optionsOf ({ type }: PanelDefinition): object {
  switch (type) {
    case 'stat': return { colorMode: 'value', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } }
    case 'timeseries': return { legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] }, tooltip: { mode: 'multi', sort: 'desc' } }
    case 'table': return { showHeader: true }
    case 'traces': return {}
  }
}
