import type { ColumnKind, Columns } from '../queries/columns.ts'
import { defineQuery, type NamedQuery } from '../queries/named-query.ts'
import type { NumberParameter } from '../queries/parameters.ts'

/** Seconds between two looks at a rule, of whoever looks again and again; `forSeconds` is a multiple of it. */
export const LOOK_EVERY_SECONDS = 60

/** What can be said of a rule to fit it to an installation. */
export type RuleParameters = Readonly<Record<string, NumberParameter & { readonly default: number }>>

/** Something that should not be, and how the store is asked about it. */
export interface AlertRule {
  readonly name: string
  readonly title: string
  /** What it means, and where to look. */
  readonly description: string
  readonly severity: 'critical' | 'warning'
  /** Seconds that the query looks at. */
  readonly windowSeconds: number
  /** Seconds for which the condition has to hold before the rule fires; 0 for at once. */
  readonly forSeconds: number
  /** On which side of the threshold a value is bad. */
  readonly comparison: 'above' | 'below'
  /** Text columns, which tell what the rule fires for. */
  readonly labels: readonly string[]
  readonly unit: ColumnKind
  /** `threshold` and what else the rule's SQL takes, without the times. */
  readonly parameters: RuleParameters & { readonly threshold: RuleParameters[string] }
  /** From `from` to `to`: one row for each thing that the rule watches, with its `labels` and the number `value`. */
  readonly query: NamedQuery
}

export interface RuleDefinition extends Omit<AlertRule, 'query'> {
  readonly sql: string
}

/** Things that one rule can watch: of more, the worst. */
const LIMIT = 1_000

/** @param sql without LIMIT; the worst row first */
export function defineRule ({ sql, ...rule }: RuleDefinition): AlertRule {
  const { name, title, description, labels, unit, windowSeconds, parameters } = rule
  const columns: Columns = { ...Object.fromEntries(labels.map(label => [label, 'text'] as const)), value: unit }
  return {
    ...rule,
    query: defineQuery({
      name,
      title,
      description,
      parameters: {
        from: { kind: 'time', description: 'start, inclusive', default: `-${windowSeconds}s` },
        to: { kind: 'time', description: 'end, exclusive', default: 'now' },
        ...parameters
      },
      columns,
      sql: `${sql}
    LIMIT ${LIMIT}`
    })
  }
}

/** Beyond which a value is bad; said in the unit of the rule. */
export const threshold = (standard: number, description: string): RuleParameters[string] => ({
  kind: 'number', description, default: standard, minimum: 0, maximum: 1e15, fraction: true
})

/** A single failure among three requests is a third of them, and no news. */
export const minimumRequests = (standard: number) => ({
  minimum_requests: { kind: 'number', description: 'says nothing of fewer requests', default: standard, minimum: 1, maximum: 1e9 }
} as const satisfies RuleParameters)
