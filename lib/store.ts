/** `letta-otel/store`: where telemetry and agents' work are kept, and found again. */
export { openStore, type Store } from './store/open-store.ts'
export {
  storeOptionsFromEnvironment, type CommonStoreOptions, type EmbeddedOptions, type ServerOptions, type SpoolLocation, type StoreOptions
} from './store/store-options.ts'
export type { Engine, EngineSettings, QueryOptions } from './store/engine.ts'
export { deleteProviderTrace, type ProviderTraceKey } from './store/delete-provider-trace.ts'
export type { RetainedTable, Retention, RetentionByTable } from './store/retention.ts'
export { NAMED_QUERIES, namedQuery, type NamedQueries, type QueryName } from './store/queries/named-queries.ts'
export type { NamedQuery, QueryParameters, QueryRow } from './store/queries/named-query.ts'
export { runQuery, type QueryScope, type RunQueryOptions } from './store/queries/run-query.ts'
export type { ColumnKind, Columns, RowOf } from './store/queries/columns.ts'
export type { ParameterDefinition, ParameterDefinitions, ParameterValues } from './store/queries/parameters.ts'
export type { DroppedRows, WriterStats } from './store/writer-stats.ts'
export type {
  FoundCall, JobRow, Outcome, ProviderTracePayloadRow, ProviderTraceRow, ReadOptions, RowReader, Rows, RowSink, RunRow, RunTrace, StepRow
} from './store/rows.ts'
