const TYPES: ReadonlyArray<readonly [pattern: RegExp, type: string]> = [
  [/^JSON(?:Compact)?(?:Strings)?EachRow|^JSONLines$|^NDJSON$/, 'application/x-ndjson; charset=UTF-8'],
  [/^JSON/, 'application/json; charset=UTF-8'],
  [/^CSV.*WithNames/, 'text/csv; charset=UTF-8; header=present'],
  [/^CSV/, 'text/csv; charset=UTF-8; header=absent'],
  [/^(?:TabSeparated|TSV)/, 'text/tab-separated-values; charset=UTF-8'],
  [/^XML$/, 'application/xml; charset=UTF-8'],
  [/^(?:Native|RowBinary|Parquet|Arrow|ORC|Avro|MsgPack|Protobuf)/, 'application/octet-stream']
]

/** The media type of one of ClickHouse's formats. */
export function contentTypeOf (format: string): string {
  return TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? 'text/plain; charset=UTF-8'
}
