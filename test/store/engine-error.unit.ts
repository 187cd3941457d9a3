import t from 'tap'
import { isRefusal, needsDivision, statementFailure } from '../../lib/store/engine-error.ts'
import { quoteName, settingsText } from '../../lib/store/sql-names.ts'

t.test('an engine\'s error keeps its number, and of an insert not the rows', t => {
  const message = 'Code: 27. DB::Exception: Cannot parse input: \'secret\'\nstack (CANNOT_PARSE_INPUT_ASSERTION_FAILED)'
  t.match(statementFailure('a query', new Error(message), true), {
    code: 'LETTA_OTEL_STORE_STATEMENT_FAILED', clickhouseCode: 27, message: "a query failed: Code: 27. DB::Exception: Cannot parse input: 'secret'"
  })
  t.equal(statementFailure('an insert', new Error(message), false).message, 'an insert failed: ClickHouse error 27 (CANNOT_PARSE_INPUT_ASSERTION_FAILED)')
  t.equal(statementFailure('an insert', Object.assign(new Error('secret'), { code: '62', type: 'SYNTAX_ERROR' }), false).message, 'an insert failed: ClickHouse error 62 (SYNTAX_ERROR)')
  t.equal(statementFailure('an insert', Object.assign(new Error('secret'), { code: '62' }), false).message, 'an insert failed: ClickHouse error 62')
  t.match(statementFailure('an insert', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), false), {
    clickhouseCode: undefined, message: 'an insert failed: connect ECONNREFUSED'
  })
  t.end()
})

t.test('rows are blamed only where trying again is of no use', t => {
  for (const code of [27, 25, 117, 349]) t.ok(isRefusal({ clickhouseCode: code }), String(code))
  for (const code of [60, 173, 198, 201, 218, 225, 241, 252, 319, 425, 516, 12345, undefined]) t.notOk(isRefusal({ clickhouseCode: code }), String(code))
  t.notOk(isRefusal(new Error('socket hang up')))
  const refused = (message: string): unknown => statementFailure('an insert', new Error(message), false)
  t.ok(needsDivision(refused('Code: 252. DB::Exception: Too many partitions for single INSERT block (more than 100). (TOO_MANY_PARTS)')))
  t.notOk(needsDivision(refused('Code: 252. DB::Exception: Too many parts (3001 with average size of 1.00 B) in table. (TOO_MANY_PARTS)')))
  t.end()
})

t.test('names and settings cannot leave their place', t => {
  t.equal(quoteName('a-b.c'), '`a-b.c`')
  for (const name of ['', 'a`b', 'a b', '1', "a'", 'a\n', 'é']) t.throws(() => quoteName(name), TypeError)
  t.equal(settingsText({ max_threads: 1, log_comment: "it's \\ here" }), "max_threads = 1, log_comment = 'it\\'s \\\\ here'")
  t.throws(() => settingsText({ 'a = 1, b': 2 }), TypeError)
  t.end()
})
