/** What a check came to. `skipped`: there was nothing to look at, or something else has to be put right first. */
export type Status = 'ok' | 'warning' | 'failure' | 'skipped'

/** What was found, in a sentence without secrets, and what to do about it where something is to be done. */
export interface Finding {
  readonly status: Status
  readonly found: string
  readonly advice?: string
}

export function ok (found: string): Finding {
  return { status: 'ok', found }
}

export function skipped (found: string): Finding {
  return { status: 'skipped', found }
}

export function warning (found: string, advice: string): Finding {
  return { status: 'warning', found, advice }
}

export function failure (found: string, advice: string): Finding {
  return { status: 'failure', found, advice }
}

const FROM_BEST: readonly Status[] = ['skipped', 'ok', 'warning', 'failure']

export function worstStatus (findings: ReadonlyArray<Pick<Finding, 'status'>>): Status {
  return FROM_BEST[Math.max(0, ...findings.map(({ status }) => FROM_BEST.indexOf(status)))]!
}

/** Several findings of one check as one: the worst decides, everything that was found is said. */
export function together (findings: readonly Finding[]): Finding {
  const advice = [...new Set(findings.flatMap(finding => finding.advice ?? []))].join('; ')
  return { status: worstStatus(findings), found: findings.map(({ found }) => found).join('; '), ...advice !== '' && { advice } }
}
