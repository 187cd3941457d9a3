import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/**
 * For a collector that has no exporter for Datadog: the same files, where `clickhouse-prod.yaml` says all but that.
 *
 * @param directory where the changed file goes
 */
export function withoutDatadog (files: readonly string[], directory: string): string[] {
  return files.map(file => {
    if (basename(file) !== 'clickhouse-prod.yaml') return file
    const changed = join(directory, basename(file))
    const text = readFileSync(file, 'utf8').replace(/^ {2}datadog:\n(?: {4}.*\n)+/m, '').replaceAll(', datadog]', ']')
    writeFileSync(changed, text)
    return changed
  })
}
