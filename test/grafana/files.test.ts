/** What ships in docs/grafana is what the definitions say, and Grafana can load it. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { DATA_SOURCE_TYPE, DATA_SOURCE_UID, TRACE_DASHBOARD } from './definitions/dashboard.ts'
import { DASHBOARDS, grafanaFiles } from './definitions/files.ts'
import { readDashboard, type PanelJson } from './read-dashboard.ts'

const docs = fileURLToPath(new URL('../../docs/', import.meta.url))
const read = (path: string): string => readFileSync(`${docs}${path}`, 'utf8')
const NAMES = Object.keys(DASHBOARDS)

t.test('files are what they are defined as: npm run monitoring', async t => {
  for (const [path, text] of Object.entries(grafanaFiles())) t.equal(read(path), text, path)
  // Grafana takes every JSON below the directory for a dashboard.
  t.strictSame(globSync('grafana/**/*.json', { cwd: docs }).sort(), NAMES.map(name => `grafana/${name}.json`).sort())
})

t.test('dashboards have ids of their own, and panels a place of their own', async t => {
  const dashboards = NAMES.map(name => readDashboard(name).json)
  t.equal(new Set(dashboards.map(({ uid }) => uid)).size, NAMES.length)
  for (const { title, panels } of dashboards) {
    t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, `${title}: ids`)
    const cells = panels.flatMap(cellsOf)
    t.equal(new Set(cells).size, cells.length, `${title}: no panel covers another`)
    for (const { gridPos: { x, w } } of panels) t.ok(x + w <= 24, `${title}: within the grid`)
  }
})

function cellsOf ({ gridPos: { x, y, w, h } }: PanelJson): string[] {
  return Array.from({ length: w * h }, (_, index) => `${x + index % w},${y + Math.floor(index / w)}`)
}

t.test('what they refer to is there', async t => {
  const uids = NAMES.map(name => readDashboard(name).json.uid)
  for (const name of NAMES) {
    const { json } = readDashboard(name)
    const [source, ...variables] = json.templating.list
    t.match(source, { type: 'datasource', name: 'datasource', query: DATA_SOURCE_TYPE, current: { value: DATA_SOURCE_UID } })
    const known = new Set(['datasource', ...variables.map(({ name }) => name)])
    for (const [, variable = ''] of JSON.stringify(json).matchAll(/\$\{(?!__)(\w+)/g)) t.ok(known.has(variable), `${name}: variable ${variable}`)
    for (const { title, datasource, targets, fieldConfig } of json.panels) {
      t.strictSame([datasource, ...targets.map(target => target.datasource)], Array(targets.length + 1).fill({ type: DATA_SOURCE_TYPE, uid: '$' + '{datasource}' }), title)
      const links = fieldConfig.overrides.flatMap(({ properties }) => properties).filter(({ id }) => id === 'links').flatMap(({ value }) => value as Array<{ url: string }>)
      for (const { url } of links) {
        const [, uid, variable] = /^\/d\/([\w-]+)\?var-(\w+)=/.exec(url) ?? []
        t.ok(uids.includes(uid!), `${title}: ${url}`)
        t.ok(uid === TRACE_DASHBOARD && readDashboard('trace').chosen[variable!] !== undefined, `${title}: variable of ${url}`)
      }
    }
  }
})

t.test('the data source and the provider are provisioned', async t => {
  t.match(parse(read('grafana/provisioning/datasources/clickhouse.yaml')), { apiVersion: 1, datasources: [{ uid: DATA_SOURCE_UID, type: DATA_SOURCE_TYPE, jsonData: { defaultDatabase: 'otel' } }] })
  t.match(parse(read('grafana/provisioning/dashboards/letta-otel.yaml')), { apiVersion: 1, providers: [{ type: 'file', folder: 'letta-otel', options: { path: '/var/lib/letta-otel/dashboards' } }] })
})
