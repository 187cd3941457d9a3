import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'

export const RULES = fileURLToPath(new URL('../../docs/prometheus/', import.meta.url))

/** Values of a series, a minute apart, in promtool's notation (`0+5x10`). */
export type InputSeries = Readonly<Record<string, string>>
/** What fires at a minute: for each alert, the labels that tell what for, and what is said of it. */
export interface Expected {
  readonly minute: number
  readonly alerts: Readonly<Record<string, ReadonlyArray<{ readonly labels: Readonly<Record<string, string>>, readonly summary: string }>>>
}

interface RuleFile {
  readonly groups: ReadonlyArray<{
    readonly rules: ReadonlyArray<{ readonly alert?: string, readonly expr: string, readonly labels: object, readonly annotations: { readonly description: string } }>
  }>
}

export function readRules (file: string): RuleFile['groups'][number]['rules'] {
  return (parse(readFileSync(join(RULES, file), 'utf8')) as RuleFile).groups.flatMap(({ rules }) => rules)
}

/** Whether there is a promtool; where CI runs there has to be one. */
export const WITHOUT_PROMTOOL = spawnSync('promtool', ['--version']).error === undefined || process.env['CI'] !== undefined
  ? false
  : 'promtool is not installed: it comes with Debian\'s package prometheus'

/** `promtool test rules` of a rule file, every alert of which is looked at, whether it is expected or not. */
export function testRules (directory: string, file: string, series: InputSeries, expected: readonly Expected[]): { readonly ok: boolean, readonly text: string } {
  const rules = readRules(file).filter(({ alert }) => alert !== undefined)
  const test = {
    rule_files: [join(RULES, file)],
    evaluation_interval: '1m',
    tests: [{
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      alert_rule_test: expected.flatMap(({ minute, alerts }) => rules.map(({ alert = '', labels, annotations: { description } }) => ({
        eval_time: `${minute}m`,
        alertname: alert,
        exp_alerts: (alerts[alert] ?? []).map(firing => ({ exp_labels: { ...labels, ...firing.labels }, exp_annotations: { summary: firing.summary, description } }))
      })))
    }]
  }
  const path = join(directory, `${file}.test.yaml`)
  writeFileSync(path, stringify(test))
  return promtool(['test', 'rules', path])
}

export function promtool (words: readonly string[]): { readonly ok: boolean, readonly text: string } {
  const { status, stdout, stderr } = spawnSync('promtool', words, { encoding: 'utf8' })
  return { ok: status === 0, text: `${stdout}${stderr}` }
}
