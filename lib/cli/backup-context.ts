import { embeddedBackupArguments } from '../store/backup/place.ts'
import type { OnProgress } from '../store/backup/run-statement.ts'
import type { TableComparison } from '../store/backup/verify-backup.ts'
import type { Engine } from '../store/engine.ts'
import { isEmbedded, lettaPath, withEngine, type CommandContext } from './command-context.ts'
import { EXIT } from './exit-codes.ts'
import { formatValue } from './format-value.ts'
import type { Output } from './output.ts'

/** Every row of a table is read to compare it: that is not a question of a dashboard. */
const WHOLE_TABLE_MS = 6 * 3_600_000

/** Where manifests are, and the files of the embedded store's backups. */
export function backupDirectory (context: CommandContext): string {
  return lettaPath(context, 'backups')
}

/** The engine, which may write backups: the embedded one has to be told where when it starts. */
export async function withBackups<T> (context: CommandContext, work: (engine: Engine) => Promise<T>): Promise<T> {
  const connectionArguments = isEmbedded(context) ? await embeddedBackupArguments(backupDirectory(context)) : []
  return await withEngine(context, work, { connectionArguments, queryTimeoutMs: WHOLE_TABLE_MS })
}

export function progressTo (output: Output): OnProgress {
  return (what, progress) => {
    output.progress(progress === undefined ? what : `${what}: ${formatValue('count', progress.files)} files, ${formatValue('bytes', progress.bytes)}`)
  }
}

/** Shows what was compared; differences make the exit code. */
export function showComparisons (context: CommandContext, output: Output, comparisons: readonly TableComparison[]): void {
  output.endProgress()
  output.rows({ table: 'text', expected_rows: 'count', found_rows: 'count', same: 'flag' }, comparisons)
  const different = comparisons.filter(({ same }) => !same)
  output.say(different.length === 0 ? 'all tables are as they were' : `${different.length} of ${comparisons.length} tables differ`)
  if (different.length > 0) context.exit(EXIT.DIFFERENT)
}
