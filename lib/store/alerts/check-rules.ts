import type { Engine } from '../engine.ts'
import { runQuery } from '../queries/run-query.ts'
import { LOOK_EVERY_SECONDS, type AlertRule } from './alert-rule.ts'

/**
 * `ok`: nothing is beyond the threshold. `pending`: something is, and was not for all of `forSeconds`. `firing`: it was.
 * `failed`: the store could not say.
 */
export type AlertState = 'ok' | 'pending' | 'firing' | 'failed'

/** What was found out about one thing that a rule watches. */
export interface AlertFinding {
  readonly rule: AlertRule
  readonly state: AlertState
  /** What it is about: the rule's labels with their values. */
  readonly labels: Readonly<Record<string, string>>
  /** As it is now; null where there is nothing to say it of. */
  readonly value: number | null
  readonly threshold: number
  /** Why the store could not say, in state `failed`. */
  readonly problem?: string
}

/** Values of rules' parameters, by the name of the rule. */
export type RuleValues = ReadonlyMap<string, Readonly<Record<string, string | number>>>

export interface CheckOptions {
  /** Milliseconds since the epoch: the end of what is looked at. */
  readonly now: number
  readonly values: RuleValues
}

interface Observation {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number | null
}

/**
 * Looks at rules once. A duration for which the condition has to hold is looked at as it would have been with a look every
 * minute: the rule is asked for each of these minutes, with what the store knows of them by now. What came late is not late here.
 *
 * @returns for each rule what is beyond its threshold, or else the one thing that is closest to it
 * @throws LETTA_OTEL_STORE_INVALID_PARAMETER a value cannot work
 */
export async function checkRules (engine: Pick<Engine, 'query'>, rules: readonly AlertRule[], { now, values }: CheckOptions): Promise<AlertFinding[]> {
  const findings: AlertFinding[] = []
  // One after the other: it is a check, and others ask the store too.
  for (const rule of rules) findings.push(...await checkRule(engine, rule, values.get(rule.name) ?? {}, now))
  return findings
}

async function checkRule (engine: Pick<Engine, 'query'>, rule: AlertRule, given: Readonly<Record<string, string | number>>, now: number): Promise<AlertFinding[]> {
  const threshold = Number(given['threshold'] ?? rule.parameters.threshold.default)
  const about = { rule, threshold }
  try {
    const present = await observe(engine, rule, given, now)
    const bad = present.filter(({ value }) => isBad(rule, value, threshold))
    if (bad.length === 0) return [{ ...about, state: 'ok', labels: {}, value: null, ...present[0] }]
    let lasting = bad
    for (let before = LOOK_EVERY_SECONDS; before <= rule.forSeconds && lasting.length > 0; before += LOOK_EVERY_SECONDS) {
      const past = await observe(engine, rule, given, now - before * 1_000)
      const pastBad = new Set(past.filter(({ value }) => isBad(rule, value, threshold)).map(keyOf))
      lasting = lasting.filter(observation => pastBad.has(keyOf(observation)))
    }
    return bad.map(observation => ({ ...about, ...observation, state: lasting.includes(observation) ? 'firing' : 'pending' }))
  } catch (problem) {
    const { code, message } = problem as Error & { code?: string }
    if (code !== 'LETTA_OTEL_STORE_STATEMENT_FAILED') throw problem
    // What one rule cannot be told must not hide what the others find.
    return [{ ...about, state: 'failed', labels: {}, value: null, problem: message }]
  }
}

async function observe (engine: Pick<Engine, 'query'>, rule: AlertRule, given: Readonly<Record<string, string | number>>, now: number): Promise<Observation[]> {
  const to = new Date(now).toISOString()
  const from = new Date(now - rule.windowSeconds * 1_000).toISOString()
  const rows = await runQuery(engine, rule.query, { ...given, from, to }, 'all-organizations', { now })
  return rows.map(({ value, ...labels }) => ({ labels: labels as Record<string, string>, value: value as number | null }))
}

function isBad ({ comparison }: AlertRule, value: number | null, threshold: number): boolean {
  return value !== null && (comparison === 'above' ? value > threshold : value < threshold)
}

function keyOf ({ labels }: Observation): string {
  return JSON.stringify(Object.values(labels))
}
