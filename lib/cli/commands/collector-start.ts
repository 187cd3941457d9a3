import type { Command } from 'commander'
import type { Program } from '../../collector/find-program.ts'
import { askCollector } from '../../collector/ask-collector.ts'
import { runCollector } from '../../collector/launch.ts'
import { bearingsOf } from '../../collector/bearings.ts'
import { adviceOnEnd } from '../../collector/early-end.ts'
import { checkBeforeStart, problemText, type Check } from '../../collector/preflight.ts'
import { selectionArguments, type Selection } from '../../collector/selection.ts'
import { readSettings, type Setting } from '../../collector/settings.ts'
import { COLLECTOR_VERSION } from '../../collector/version.ts'
import { LETTA_OTEL_COLLECTOR_CANNOT_START } from '../../errors.ts'
import { EnvironmentReader, environmentNameFrom } from '../../options/environment.ts'
import { deviceId } from '../../runtime/device-id.ts'
import { addBinaryOption, addConfigOption, addMirrorOption, collectorSetup, provideCollector, type CollectorOptions } from '../collector-setup.ts'
import { outputOf, type CommandContext } from '../command-context.ts'
import { EXIT } from '../exit-codes.ts'
import type { Output } from '../output.ts'

export function collectorStartCommand (context: CommandContext, collector: Command): void {
  addMirrorOption(addBinaryOption(addConfigOption(collector.command('start'))))
    .description('run a collector in the foreground, installed before where it is not; its exit code is the command\'s')
    .action(async (options: CollectorOptions, command: Command) => {
      const output = outputOf(context, command)
      const { selection, environment } = collectorSetup(context, options)
      requireGood(await checkBeforeStart(selection, environment))
      const program = await provideCollector(context, options, output)
      requireGood([await askCollector(program.path, selection, environment)])
      const settings = await readSettings(selection.files, environment)
      announce(context, output, program, selection, settings)
      const start = performance.now()
      const code = await runCollector(program.path, selectionArguments(selection), environment, context.signals)
      if (code === EXIT.DONE) return
      context.exit(code)
      const advice = await adviceOnEnd(code, performance.now() - start, settings)
      if (advice !== undefined) context.stderr.write(`letta-otel: ${advice}\n`)
    })
}

function requireGood (checks: readonly Check[]): void {
  const wrong = checks.filter(({ problem }) => problem !== undefined)
  // An error is one line, and the collector says one for each thing that is wrong.
  if (wrong.length > 0) throw new LETTA_OTEL_COLLECTOR_CANNOT_START(wrong.map(check => problemText(check).replaceAll('\n', '; ')).join('; '))
}

function announce ({ env }: CommandContext, output: Output, { path, version }: Program, selection: Selection, settings: readonly Setting[]): void {
  // Production's spans have no device: machines come and go there.
  const device = environmentNameFrom(new EnvironmentReader(env)) === 'production' ? undefined : deviceId()
  const { receives, sends, look } = bearingsOf(selection, settings, device)
  const made = version === COLLECTOR_VERSION ? '' : `; the configurations are made for ${COLLECTOR_VERSION}`
  const lines: Array<[what: string, text: string | undefined]> = [
    ['collector', `${version} (${path})${made}`],
    ['configuration', `${selection.name}, ${selection.reason}`],
    ['receives', receives],
    ['sends to', sends],
    ['device id', device],
    ...look.map((text, index): [string, string] => [index === 0 ? 'look at it' : '', text])
  ]
  for (const [what, text] of lines) if (text !== undefined) output.say(`${what.padEnd(13)}  ${text}`)
}
