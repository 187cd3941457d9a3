import type { CheckResult, Report } from './run-checks.ts'
import type { Status } from './finding.ts'

const STATUS_WIDTH = 'warning'.length

/** The report for people: a line a check, and what to do below it. */
export function reportText ({ checks }: Report): string {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.flatMap(({ name, status, found, advice }: CheckResult) => [
    `${status.padEnd(STATUS_WIDTH)}  ${name.padEnd(nameWidth)}  ${plain(found)}`,
    ...advice === null ? [] : [`${' '.repeat(STATUS_WIDTH + nameWidth + 4)}→ ${plain(advice)}`]
  ])
  return [...lines, '', countsOf(checks)].join('\n')
}

function countsOf (checks: readonly CheckResult[]): string {
  const count = (wanted: Status, plural: string = wanted): string => {
    const { length } = checks.filter(({ status }) => status === wanted)
    return `${length} ${length === 1 ? wanted : plural}`
  }
  return [count('ok'), count('warning', 'warnings'), count('failure', 'failures'), count('skipped')].join(', ')
}

/** What others have said must not move a terminal's cursor or change its colours. */
function plain (text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}
