import type { Command } from 'commander'
import { schemaStatus } from '../../store/migrate.ts'
import { isoOf } from '../../store/queries/time.ts'
import { tableStatus } from '../../store/table-status.ts'
import { outputOf, withEngine, type CommandContext } from '../command-context.ts'

export function statusCommand (context: CommandContext, store: Command): void {
  store.command('status')
    .description('schema version, and of each table rows, bytes, compression, oldest and newest row')
    .option('--json', 'answer as JSON')
    .action(async (_options, command: Command) => {
      const output = outputOf(context, command)
      const { schema, tables, kind, database } = await withEngine(context, async engine => ({
        kind: engine.kind, database: engine.database, schema: await schemaStatus(engine), tables: await tableStatus(engine)
      }))
      const rows = tables.map(({ table, rows, bytes, raw_bytes: raw, oldest, newest }) => ({
        table,
        rows,
        bytes,
        raw_bytes: raw,
        compression: bytes === 0 ? null : raw / bytes,
        oldest: oldest === null ? null : isoOf(oldest),
        newest: newest === null ? null : isoOf(newest)
      }))
      const { present, known, pending } = schema
      output.say(`${kind} store, database ${database}, schema version ${present}${pending.length === 0 ? '' : ` of ${known}: run letta-otel store migrate`}`)
      output.rows(
        { table: 'text', rows: 'count', bytes: 'bytes', raw_bytes: 'bytes', compression: 'number', oldest: 'time', newest: 'time' },
        rows, { kind, database, schema_version: present, known_schema_version: known, pending, tables: rows })
    })
}
