import type { Command } from 'commander'
import { checkBeforeStart, problemText, type Check } from '../../collector/preflight.ts'
import { askCollector } from '../../collector/ask-collector.ts'
import { addBinaryOption, addConfigOption, collectorSetup, findCollector, type CollectorOptions } from '../collector-setup.ts'
import { outputOf, type CommandContext } from '../command-context.ts'
import { EXIT } from '../exit-codes.ts'

export function collectorValidateCommand (context: CommandContext, collector: Command): void {
  addBinaryOption(addConfigOption(collector.command('validate')))
    .description('check variables, ports and paths, and what the collector says of the configuration')
    .option('--json', 'answer as JSON')
    .action(async (options: CollectorOptions, command: Command) => {
      const { selection, environment } = collectorSetup(context, options)
      const program = await findCollector(context, options)
      const checks: Check[] = await checkBeforeStart(selection, environment)
      // Of a variable that is missing, the collector would say the same in words that are harder to understand.
      if (!checks.some(({ kind, problem }) => kind === 'variable' && problem !== undefined)) {
        checks.push(await askCollector(program.path, selection, environment))
      }
      const wrong = checks.filter(({ problem }) => problem !== undefined)
      const output = outputOf(context, command)
      const rows = checks.map(({ kind, what, meaning, problem }) => ({ check: kind, what, for: meaning, ok: problem === undefined }))
      output.say(`configuration ${selection.name}, ${selection.reason}`)
      output.rows({ check: 'text', what: 'text', for: 'text', ok: 'flag' }, rows, { configuration: selection.name, files: selection.files, ok: wrong.length === 0, checks: checks.map(check => ({ ...check, problem: check.problem ?? null })) })
      for (const check of wrong) output.say(problemText(check))
      if (wrong.length > 0) context.exit(EXIT.USAGE)
    })
}
