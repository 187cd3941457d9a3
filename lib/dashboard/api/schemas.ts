type Schema = Readonly<Record<string, unknown>>

const TEXT: Schema = { type: 'string' }
const OPEN: Schema = { type: 'object', additionalProperties: true }

export const QUERY_PARAMETERS_SCHEMA: Schema = {
  type: 'object', required: ['name'], properties: { name: { type: 'string', pattern: '^[a-z0-9-]{1,64}$' } }
}

const SOURCE_SCHEMA: Schema = {
  type: 'object',
  required: ['name', 'title', 'sql', 'parameters'],
  properties: { name: TEXT, title: TEXT, sql: TEXT, parameters: OPEN }
}

export const ANSWER_SCHEMA: Schema = {
  type: 'object',
  required: ['rows', 'columns', 'truncated', 'elapsed_ms', 'authorized', 'query'],
  properties: {
    rows: { type: 'array', items: OPEN },
    columns: OPEN,
    truncated: { type: 'boolean' },
    elapsed_ms: { type: 'number' },
    authorized: { type: 'boolean' },
    query: SOURCE_SCHEMA
  }
}

export const CATALOG_SCHEMA: Schema = {
  type: 'object',
  properties: {
    queries: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: TEXT, title: TEXT, description: TEXT, sql: TEXT, parameters: OPEN, columns: OPEN }
      }
    }
  }
}

/** Statements are written by people: none is longer. */
export const SQL_BODY_SCHEMA: Schema = {
  type: 'object',
  required: ['sql'],
  additionalProperties: false,
  properties: { sql: { type: 'string', minLength: 1, maxLength: 100_000 } }
}
