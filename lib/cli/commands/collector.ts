import { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { collectorBuildCommand } from './collector-build.ts'
import { collectorInstallCommand } from './collector-install.ts'
import { collectorPrintConfigCommand } from './collector-print-config.ts'
import { collectorStartCommand } from './collector-start.ts'
import { collectorStatusCommand } from './collector-status.ts'
import { collectorValidateCommand } from './collector-validate.ts'
import { collectorWhichCommand } from './collector-which.ts'

/** @param parent whose settings of output and exit are kept */
export function collectorCommand (context: CommandContext, parent: Command): Command {
  const collector = new Command('collector').copyInheritedSettings(parent)
    .description('the OpenTelemetry Collector between applications and where telemetry is kept')
  for (const make of [
    collectorStartCommand, collectorStatusCommand, collectorValidateCommand, collectorInstallCommand, collectorWhichCommand, collectorPrintConfigCommand,
    collectorBuildCommand
  ]) make(context, collector)
  return collector
}
