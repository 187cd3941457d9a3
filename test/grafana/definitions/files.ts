import { stringify } from 'yaml'
import { agents } from './agents.ts'
import { alertingJson } from './alerting.ts'
import { dashboardJson, type DashboardDefinition } from './dashboard.ts'
import { pipeline } from './pipeline.ts'
import { requests } from './requests.ts'
import { slo } from './slo.ts'
import { trace } from './trace.ts'

export const DASHBOARDS: Readonly<Record<string, DashboardDefinition>> = { requests, agents, pipeline, slo, trace }

/** What is written from definitions, by its path below docs/. */
export function grafanaFiles (): Record<string, string> {
  const dashboards = Object.entries(DASHBOARDS).map(([name, definition]) => [`grafana/${name}.json`, `${JSON.stringify(dashboardJson(definition), null, 2)}\n`])
  return {
    ...Object.fromEntries(dashboards),
    'grafana/provisioning/alerting/letta-otel.yaml': `# Written by \`npm run monitoring\` from lib/store/alerts: change it there, or a copy of it.\n${stringify(alertingJson(), { lineWidth: 0, aliasDuplicateObjects: false })}`
  }
}
