import type { Command } from 'commander'
import { LETTA_OTEL_INVALID_OPTION, LETTA_OTEL_STORE_NO_ANSWER, describeValue } from '../../errors.ts'
import { ALERT_RULES } from '../../store/alerts/alert-rules.ts'
import { checkRules, type AlertFinding } from '../../store/alerts/check-rules.ts'
import { timeOf } from '../../store/queries/time.ts'
import { outputOf, requireSchema, withEngine, type CommandContext } from '../command-context.ts'
import { EXIT, exitCodeOf } from '../exit-codes.ts'
import { formatValue } from '../format-value.ts'
import { rulesNamed, valuesOf } from '../rule-values.ts'

interface Options {
  rule?: string[]
  set?: string[]
  at: string
}

const COLUMNS = { rule: 'text', state: 'text', severity: 'text', about: 'text', value: 'text', threshold: 'text' } as const

export function alertsCheckCommand (context: CommandContext, alerts: Command): void {
  alerts.command('check')
    .description('look at alert rules once; exits with 1 when one of them fires')
    .option('--rule <name...>', 'only these rules (default: all)')
    .option('--set <name=value...>', 'another value of a parameter, as slow-requests.threshold=3000, or objective=0.99 for every rule that has it')
    .option('--at <time>', 'end of what is looked at: now, a time before now such as -15m, or an ISO 8601 date', 'now')
    .option('--json', 'answer as JSON')
    .action(async ({ rule, set = [], at }: Options, command: Command) => {
      const rules = rulesNamed(rule, ALERT_RULES)
      const values = valuesOf(set, rules)
      const now = millisecondsOf(at)
      const findings = await answered(async () => await withEngine(context, async engine => {
        await requireSchema(engine)
        return await checkRules(engine, rules, { now, values })
      }))
      const output = outputOf(context, command)
      const count = (state: AlertFinding['state']): number => new Set(findings.filter(finding => finding.state === state).map(({ rule }) => rule)).size
      output.rows(COLUMNS, findings.map(rowOf), { at: new Date(now).toISOString(), firing: count('firing'), failed: count('failed'), findings: findings.map(jsonOf) })
      output.say(`${count('firing')} of ${rules.length} rules fire${count('failed') > 0 ? `, and ${count('failed')} could not be checked` : ''}`)
      if (count('firing') > 0) context.exit(EXIT.FIRING)
      else if (count('failed') > 0) context.exit(EXIT.UNAVAILABLE)
    })
}

/** That a rule fires is told by the exit code of what otherwise failed: nothing that failed may end with it. */
async function answered<T> (work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (problem) {
    const { code, message } = problem as Error & { code?: unknown }
    if (exitCodeOf(String(code)) !== EXIT.FAILED) throw problem
    throw new LETTA_OTEL_STORE_NO_ANSWER(message)
  }
}

function millisecondsOf (text: string): number {
  const time = timeOf(text, Date.now())
  if (time === undefined) throw new LETTA_OTEL_INVALID_OPTION('--at', describeValue(text), 'use now, a time before now such as -15m, or an ISO 8601 date')
  return Number(time / 1_000_000n)
}

function rowOf ({ rule, state, labels, value, threshold, problem }: AlertFinding): Record<keyof typeof COLUMNS, string> {
  const lasting = rule.forSeconds === 0 ? '' : ` for ${formatValue('milliseconds', rule.forSeconds * 1_000)}`
  return {
    rule: rule.name,
    state,
    severity: rule.severity,
    about: problem ?? Object.values(labels).join(' '),
    value: formatValue(rule.unit, value),
    threshold: `${rule.comparison} ${formatValue(rule.unit, threshold)}${lasting}`
  }
}

function jsonOf ({ rule, state, labels, value, threshold, problem }: AlertFinding): object {
  const { name, title, severity, unit, comparison, windowSeconds, forSeconds } = rule
  return {
    rule: name, state, severity, title, labels, value, unit, comparison, threshold, window_seconds: windowSeconds, for_seconds: forSeconds, ...(problem !== undefined && { problem })
  }
}
