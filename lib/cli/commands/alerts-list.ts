import type { Command } from 'commander'
import { ALERT_RULES } from '../../store/alerts/alert-rules.ts'
import { outputOf, type CommandContext } from '../command-context.ts'
import { rulesNamed } from '../rule-values.ts'

const COLUMNS = { name: 'text', severity: 'text', title: 'text', parameters: 'text' } as const

export function alertsListCommand (context: CommandContext, alerts: Command): void {
  alerts.command('list')
    .description('alert rules with their parameters, or the SQL of one')
    .argument('[name]', 'name of a rule, whose SQL is shown')
    .option('--json', 'answer as JSON')
    .action((name: string | undefined, _options, command: Command) => {
      const output = outputOf(context, command)
      if (name !== undefined) {
        output.text(rulesNamed([name], ALERT_RULES)[0]!.query.sql)
        return
      }
      output.rows(COLUMNS, ALERT_RULES.map(({ name, severity, title, parameters }) => ({
        name,
        severity,
        title,
        parameters: Object.entries(parameters).map(([parameter, definition]) => `${parameter}=${definition.default}`).join(' ')
      })), ALERT_RULES.map(({ query, ...rule }) => ({ ...rule, sql: query.sql })))
    })
}
