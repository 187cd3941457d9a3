import type { Answer } from './api.ts'

/** What became of everything that was sent. */
export class Results {
  readonly #durations = new Map<string, number[]>()

  add (kind: string, answer: Answer, milliseconds: number): void {
    const key = `${kind}\n${answer}`
    const durations = this.#durations.get(key)
    if (durations === undefined) this.#durations.set(key, [milliseconds])
    else durations.push(milliseconds)
  }

  get count (): number {
    return [...this.#durations.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** A table for a person, a line for each kind and status. */
  table (): string {
    const rows = [...this.#durations].sort(([a], [b]) => a < b ? -1 : 1).map(([key, durations]) => {
      const [kind = '', answer = ''] = key.split('\n')
      const sorted = durations.toSorted((a, b) => a - b)
      return [kind, answer, String(sorted.length), percentile(sorted, 0.5), percentile(sorted, 0.95)]
    })
    const lines = [['kind', 'answer', 'count', 'p50 ms', 'p95 ms'], ...rows]
    const widths = lines[0]?.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0))) ?? []
    return lines.map(line => line.map((cell, column) =>
      column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)).join('   ')).join('\n')
  }
}

function percentile (sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)
}
