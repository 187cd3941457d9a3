/** Settings of every statement, on a server as in this process. */
export const NATIVE_SETTINGS = Object.freeze({
  output_format_json_quote_64bit_integers: 1,
  // ClickHouse's own queue of inserts would acknowledge what deduplication has not seen.
  async_insert: 0,
  // A repeated insert must not be counted twice by the rollups either.
  deduplicate_blocks_in_dependent_materialized_views: 1
} as const)
