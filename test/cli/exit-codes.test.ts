import t from 'tap'
import { EXIT, exitCodeOf } from '../../lib/cli/exit-codes.ts'
import * as errors from '../../lib/errors.ts'

t.test('what an error comes to', async t => {
  const expected: Record<string, number> = {
    LETTA_OTEL_INVALID_OPTION: EXIT.USAGE,
    LETTA_OTEL_INVALID_ENVIRONMENT: EXIT.USAGE,
    LETTA_OTEL_STORE_INVALID_PARAMETER: EXIT.USAGE,
    LETTA_OTEL_STORE_UNKNOWN_QUERY: EXIT.USAGE,
    LETTA_OTEL_STORE_RETENTION_SHORTER: EXIT.USAGE,
    LETTA_OTEL_STORE_UNAVAILABLE: EXIT.UNAVAILABLE,
    LETTA_OTEL_STORE_ENGINE_MISSING: EXIT.UNAVAILABLE,
    LETTA_OTEL_STORE_TOO_NEW: EXIT.UNAVAILABLE,
    LETTA_OTEL_STORE_NOT_MIGRATED: EXIT.UNAVAILABLE,
    LETTA_OTEL_STORE_STATEMENT_FAILED: EXIT.FAILED,
    LETTA_OTEL_STORE_BACKUP_FAILED: EXIT.FAILED
  }
  for (const [code, exit] of Object.entries(expected)) {
    t.ok(code in errors, code)
    t.equal(exitCodeOf(code), exit, code)
  }
  t.equal(exitCodeOf('ENOENT'), EXIT.FAILED)
})
