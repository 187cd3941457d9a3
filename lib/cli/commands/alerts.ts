import { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { alertsCheckCommand } from './alerts-check.ts'
import { alertsListCommand } from './alerts-list.ts'

/** @param parent whose settings of output and exit are kept */
export function alertsCommand (context: CommandContext, parent: Command): Command {
  const alerts = new Command('alerts').copyInheritedSettings(parent)
    .description('what should not be, asked of the store')
  for (const make of [alertsCheckCommand, alertsListCommand]) make(context, alerts)
  return alerts
}
