import pino from 'pino'
import t from 'tap'
import { pinoInternals } from '../../lib/logs/pino-internals.ts'
import { captureLog } from '../fixtures/log-lines.ts'

t.test('mixin and streamWrite of a logger count for children made before and after', async t => {
  const log = captureLog()
  const logger = pino({}, log.stream)
  const early = logger.child({ early: true })
  const internals = pinoInternals(logger)!
  t.strictSame([internals.mixin, internals.streamWrite], [undefined, undefined])
  internals.mixin = () => ({ mixed: 1 })
  const seen: string[] = []
  internals.streamWrite = line => {
    seen.push(line)
    return line
  }
  logger.info('parent')
  early.info('early')
  logger.child({}).child({ deep: true }).info('late')
  t.match(log.lines, [{ msg: 'parent', mixed: 1 }, { msg: 'early', early: true, mixed: 1 }, { msg: 'late', deep: true, mixed: 1 }])
  t.strictSame(seen.map(line => JSON.parse(line).msg), ['parent', 'early', 'late'])
  t.equal(typeof internals.mixin, 'function')
})

t.test('other hooks stay, and other loggers are not touched', async t => {
  const log = captureLog()
  const options = { hooks: { logMethod (this: any, args: any, method: any) { method.apply(this, [`hooked ${args[0]}`]) } } }
  const logger = pino(options, log.stream)
  const other = pino(options, log.stream)
  pinoInternals(logger)!.streamWrite = line => line.replace('hooked', 'HOOKED')
  logger.info('a')
  other.info('b')
  t.strictSame(log.lines.map(({ msg }) => msg), ['HOOKED a', 'hooked b'])
})

t.test('the user\'s own are found', async t => {
  const mixin = (): object => ({})
  const streamWrite = (line: string): string => line
  const internals = pinoInternals(pino({ mixin, hooks: { streamWrite } }, captureLog().stream))
  t.equal(internals?.mixin, mixin)
  t.equal(internals?.streamWrite, streamWrite)
})

t.test('no logger of pino', async t => {
  for (const logger of [console, {}, Object.create(null), { [Symbol('pino.mixin')]: undefined }]) t.equal(pinoInternals(logger), undefined)
})

t.test('how a logger writes its lines', async t => {
  t.match(pinoInternals(pino({}, { write () {} }))?.dialect, { messageKey: 'msg', errorKey: 'err', levels: { 30: 'info' } })
  const logger = pino({ messageKey: 'message', errorKey: 'error', customLevels: { notice: 35 } }, { write () {} })
  t.match(pinoInternals(logger.child({}))?.dialect, { messageKey: 'message', errorKey: 'error', levels: { 35: 'notice' } })
})
