/** What ClickHouse says when it does not do what it was asked. */
export class Exception extends Error {
  /** ClickHouse's number. */
  readonly code: number
  readonly status: number

  /** @param text in ClickHouse's own form: `Code: 62. DB::Exception: … (SYNTAX_ERROR)` */
  constructor (text: string) {
    super(text)
    this.code = Number(/\bCode: (\d+)\./.exec(text)?.[1] ?? UNKNOWN_EXCEPTION)
    this.status = STATUSES.get(this.code) ?? 500
  }

  /** Of what went wrong outside of the engine. */
  static of (code: number, name: string, message: string): Exception {
    return new Exception(`Code: ${code}. DB::Exception: ${message} (${name})`)
  }
}

const UNKNOWN_EXCEPTION = 1002

/** As the server has them; of all others, 500. */
const STATUSES: ReadonlyMap<number, number> = new Map([
  ...[193, 194, 516].map(code => [code, 403] as const), // WRONG_PASSWORD, REQUIRED_PASSWORD, AUTHENTICATION_FAILED
  [497, 403], [192, 404], [164, 403], // ACCESS_DENIED, UNKNOWN_USER, READONLY
  ...[36, 6, 26, 27, 38, 41, 43, 47, 50, 53, 62, 69, 72, 117, 130, 167, 321, 376, 456, 457, 467, 675, 676].map(code => [code, 400] as const),
  ...[60, 81, 115, 46, 63, 73].map(code => [code, 404] as const), // UNKNOWN_TABLE, _DATABASE, _SETTING, _FUNCTION, _AGGREGATE_FUNCTION, _FORMAT
  [131, 413], [48, 501], [159, 408], [373, 423], [394, 499] // TOO_LARGE_STRING_SIZE, NOT_IMPLEMENTED, TIMEOUT_EXCEEDED, SESSION_IS_LOCKED, QUERY_WAS_CANCELLED
])
