import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../errors.ts'
import type { AlertRule } from '../store/alerts/alert-rule.ts'
import type { RuleValues } from '../store/alerts/check-rules.ts'

/** @throws LETTA_OTEL_INVALID_OPTION there is no rule of a name */
export function rulesNamed (names: readonly string[] | undefined, rules: readonly AlertRule[]): readonly AlertRule[] {
  if (names === undefined) return rules
  return names.map(name => {
    const found = rules.find(rule => rule.name === name)
    if (found === undefined) throw new LETTA_OTEL_INVALID_OPTION('--rule', describeValue(name), `use one of ${rules.map(rule => rule.name).join(', ')}`)
    return found
  })
}

/**
 * What `--set` says: `rule.parameter=value`, or `parameter=value` for every rule that has it; what is said later counts.
 *
 * @throws LETTA_OTEL_INVALID_OPTION no rule that is looked at has the parameter
 */
export function valuesOf (settings: readonly string[], rules: readonly AlertRule[]): RuleValues {
  const values = new Map(rules.map(({ name }) => [name, {} as Record<string, string>]))
  for (const setting of settings) {
    const [, name, parameter = '', value = ''] = /^(?:([a-z0-9-]+)\.)?([a-z_]+)=(.+)$/.exec(setting) ?? []
    const meant = rules.filter(rule => (name === undefined || rule.name === name) && Object.hasOwn(rule.parameters, parameter))
    if (meant.length === 0) {
      const known = [...new Set(rules.flatMap(rule => Object.keys(rule.parameters)))].join(', ')
      throw new LETTA_OTEL_INVALID_OPTION('--set', describeValue(setting), `use rule.parameter=value, with a parameter that the rule has (${known})`)
    }
    for (const rule of meant) values.get(rule.name)![parameter] = value
  }
  return values
}
