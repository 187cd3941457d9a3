import { stringify } from 'yaml'

export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly severity: 'critical' | 'warning'
  readonly summary: string
  readonly description: string
}

export interface Recording {
  readonly record: string
  readonly expr: string
}

interface Group {
  readonly name: string
  readonly rules: ReadonlyArray<Alert | Recording>
}

/** As Prometheus loads it. */
export function ruleFile (comment: string, groups: readonly Group[]): string {
  const file = {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map(rule => {
        if ('record' in rule) return rule
        const { alert, expr, for: lasting, severity, summary, description } = rule
        return { alert, expr, ...(lasting !== undefined && { for: lasting }), labels: { severity }, annotations: { summary, description } }
      })
    }))
  }
  return `${comment.replace(/^/gm, '# ')}\n${stringify(file, { lineWidth: 0 })}`
}

/** Lines that stand together, without the indentation that they have in their file. */
export function expression (text: string): string {
  const lines = text.split('\n').filter(line => line.trim() !== '')
  const indentation = Math.min(...lines.map(line => line.search(/\S/)))
  return lines.map(line => line.slice(indentation)).join('\n')
}
