import createError from '@fastify/error'

/** An option is unknown, of the wrong type or of a value that cannot work. */
export const LETTA_OTEL_INVALID_OPTION = createError<[option: string, value: string, fix: string]>(
  'LETTA_OTEL_INVALID_OPTION', 'letta-otel option "%s" cannot be %s: %s', 500, TypeError)

/** An environment variable has a value that cannot work. */
export const LETTA_OTEL_INVALID_ENVIRONMENT = createError<[variable: string, value: string, fix: string]>(
  'LETTA_OTEL_INVALID_ENVIRONMENT', 'environment variable %s cannot be %s: %s', 500, TypeError)

/** The plugin was registered a second time on the same application. */
export const LETTA_OTEL_ALREADY_REGISTERED = createError(
  'LETTA_OTEL_ALREADY_REGISTERED',
  'letta-otel is already registered on this application: register it once, on the root instance, before other plugins')

/** A runtime is in use in this process, and an option asks for something it does not do. */
export const LETTA_OTEL_RUNTIME_CONFLICT = createError<[option: string, wanted: string, running: string]>(
  'LETTA_OTEL_RUNTIME_CONFLICT',
  'letta-otel option "%s" cannot be %s: telemetry of this process already runs with %s. ' +
  'Give every application (and the environment, when letta-otel/register is preloaded) the same value, or leave it out')

/** `traceMethod` was given something else than a method or a function. */
export const LETTA_OTEL_CANNOT_TRACE = createError<[what: string]>(
  'LETTA_OTEL_CANNOT_TRACE',
  'letta-otel cannot trace %s: decorate a method, or wrap a function as in `handle = traceMethod(async () => {})`', 500, TypeError)

/** `letta-otel/testing` was asked for telemetry, and no runtime keeps it in memory. */
export const LETTA_OTEL_NOT_IN_MEMORY = createError(
  'LETTA_OTEL_NOT_IN_MEMORY',
  "no telemetry is kept in memory: register letta-otel with { destination: 'memory' }, or run under NODE_ENV=test, before reading it")

/** No named query of the store is called that. */
export const LETTA_OTEL_STORE_UNKNOWN_QUERY = createError<[name: string, known: string]>(
  'LETTA_OTEL_STORE_UNKNOWN_QUERY', 'there is no query %s: ask one of %s', 404)

/** A parameter of a named query is unknown, missing or of a value that cannot work. */
export const LETTA_OTEL_STORE_INVALID_PARAMETER = createError<[parameter: string, query: string, value: string, fix: string]>(
  'LETTA_OTEL_STORE_INVALID_PARAMETER', 'parameter "%s" of query "%s" cannot be %s: %s', 400, TypeError)

/** A backup cannot be made, read or restored. */
export const LETTA_OTEL_STORE_BACKUP_FAILED = createError<[backup: string, reason: string, fix: string]>(
  'LETTA_OTEL_STORE_BACKUP_FAILED', 'backup "%s": %s: %s')

/** The engine that a store asks for cannot be loaded on this machine. */
export const LETTA_OTEL_STORE_ENGINE_MISSING = createError<[reason: string, fix: string]>(
  'LETTA_OTEL_STORE_ENGINE_MISSING', 'the embedded store cannot be used: %s. %s')

/** A store cannot be opened or reached. */
export const LETTA_OTEL_STORE_UNAVAILABLE = createError<[where: string, reason: string, fix: string]>(
  'LETTA_OTEL_STORE_UNAVAILABLE', 'the store at %s cannot be opened: %s. %s')

/** The tables were made by a newer version of letta-otel. */
export const LETTA_OTEL_STORE_TOO_NEW = createError<[database: string, found: number, known: number]>(
  'LETTA_OTEL_STORE_TOO_NEW',
  'database "%s" has schema version %s, and this version of letta-otel knows %s at most: upgrade letta-otel, or use another database')

/** Tables are missing, or older than the code that would read them. */
export const LETTA_OTEL_STORE_NOT_MIGRATED = createError<[database: string, found: number, known: number]>(
  'LETTA_OTEL_STORE_NOT_MIGRATED', 'database "%s" has schema version %s, and %s is needed: run letta-otel store migrate')

/** The engine refused or failed a statement. `clickhouseCode` on the error is ClickHouse's own number, where there is one. */
export const LETTA_OTEL_STORE_STATEMENT_FAILED = createError<[what: string, reason: string]>(
  'LETTA_OTEL_STORE_STATEMENT_FAILED', '%s failed: %s')

/** A change of retention would delete rows that are kept today. */
export const LETTA_OTEL_STORE_RETENTION_SHORTER = createError<[table: string, wanted: number, present: string]>(
  'LETTA_OTEL_STORE_RETENTION_SHORTER',
  'retention of table "%s" is not set to %s days: rows are kept %s today, and older ones would be deleted. Allow the loss explicitly, or keep them')

/** `telemetryRoutes` cannot tell whose telemetry is asked for: 401. */
export const LETTA_OTEL_NO_ORGANIZATION = createError(
  'LETTA_OTEL_NO_ORGANIZATION',
  'telemetry is read for one organization, and this request names none: send the header x-organization-id, or give telemetryRoutes ' +
  'the option "organization"', 401)

/** `telemetryRoutes` was asked for what is not there, or another organization's: 404. */
export const LETTA_OTEL_NOT_FOUND = createError<[what: string]>('LETTA_OTEL_NOT_FOUND', '%s not found', 404)

/** The store did not answer `telemetryRoutes` (503), or a check of alert rules, in time or at all. */
export const LETTA_OTEL_STORE_NO_ANSWER = createError<[reason: string]>(
  'LETTA_OTEL_STORE_NO_ANSWER', 'the telemetry store did not answer (%s): try again later', 503)

/** A collector cannot be built of a manifest. */
export const LETTA_OTEL_COLLECTOR_BUILD_FAILED = createError<[manifest: string, reason: string, fix: string]>(
  'LETTA_OTEL_COLLECTOR_BUILD_FAILED', 'the collector of %s cannot be built: %s. %s')

/** The Collector is not released for this operating system or processor, or not started by this package there. */
export const LETTA_OTEL_COLLECTOR_UNSUPPORTED_PLATFORM = createError<[platform: string, known: string]>(
  'LETTA_OTEL_COLLECTOR_UNSUPPORTED_PLATFORM',
  'there is no collector for %s here: it is installed on %s. Run one in a container, or name one of your own with --binary')

/** No configuration of the collector is called that, and no file either. */
export const LETTA_OTEL_COLLECTOR_UNKNOWN_CONFIGURATION = createError<[name: string, known: string]>(
  'LETTA_OTEL_COLLECTOR_UNKNOWN_CONFIGURATION', 'there is no collector configuration %s: name a file, or one of %s')

/** A file that a collector's configuration is to be made of is none. */
export const LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION = createError<[file: string, reason: string]>(
  'LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION', '%s is no configuration of the collector: %s')

/** Several configurations of letta-otel are named: the lists of one would replace those of the other. */
export const LETTA_OTEL_COLLECTOR_SEVERAL_CONFIGURATIONS = createError<[names: string]>(
  'LETTA_OTEL_COLLECTOR_SEVERAL_CONFIGURATIONS', 'a collector has one configuration of letta-otel, not %s: name one, and files of your own that add to it')

/** A release of the collector could not be fetched. */
export const LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED = createError<[url: string, reason: string, fix: string]>(
  'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED', 'the download of %s failed: %s. %s')

/** What was downloaded is not what the release says it is. Nothing of it was unpacked. */
export const LETTA_OTEL_COLLECTOR_CHECKSUM_MISMATCH = createError<[archive: string, expected: string, found: string]>(
  'LETTA_OTEL_COLLECTOR_CHECKSUM_MISMATCH',
  '%s is not what was released: its SHA-256 should be %s and is %s. It was deleted; try again, and if that does not help, ask who runs the mirror or proxy')

/** An archive is damaged, or holds what a release of the collector does not. */
export const LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED = createError<[archive: string, reason: string]>(
  'LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED', '%s is refused: %s. Nothing was installed; ask who runs the mirror')

/** The collector cannot be put where it belongs. */
export const LETTA_OTEL_COLLECTOR_INSTALL_FAILED = createError<[path: string, reason: string]>(
  'LETTA_OTEL_COLLECTOR_INSTALL_FAILED',
  'the collector cannot be installed as %s: %s. Make room or give permission, or set LETTA_DIR to another directory')

/** A program that should be the collector is missing or does not run. */
export const LETTA_OTEL_COLLECTOR_UNUSABLE = createError<[path: string, reason: string, fix: string]>(
  'LETTA_OTEL_COLLECTOR_UNUSABLE', '%s cannot be run as the collector: %s. %s')

/** What the collector needs is not there: variables, ports, paths. */
export const LETTA_OTEL_COLLECTOR_CANNOT_START = createError<[problems: string]>(
  'LETTA_OTEL_COLLECTOR_CANNOT_START', 'the collector cannot start: %s')

/** No collector answers there. */
export const LETTA_OTEL_COLLECTOR_UNAVAILABLE = createError<[url: string, reason: string, fix: string]>(
  'LETTA_OTEL_COLLECTOR_UNAVAILABLE', 'no collector answers at %s: %s. %s')

/** Another process listens where the local backend would. */
export const LETTA_OTEL_PORT_IN_USE = createError<[address: string, option: string]>(
  'LETTA_OTEL_PORT_IN_USE', '%s is in use by another process: end it, or choose another port with %s')

/** A file of telemetry cannot be read, or is no such file. */
export const LETTA_OTEL_FILE_UNREADABLE = createError<[where: string, reason: string]>(
  'LETTA_OTEL_FILE_UNREADABLE', '%s cannot be imported: %s. Each line has to be one request in OTLP JSON')

/** The page's console was given SQL that does something else than read, or that the engine cannot parse: 400. */
export const LETTA_OTEL_SQL_REFUSED = createError<[reason: string, fix: string]>(
  'LETTA_OTEL_SQL_REFUSED', 'the statement was not run: %s. Instead, %s', 400)

/** How a value is shown in an error message: short, and never with a URL's credentials. */
export function describeValue (value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(withoutCredentials(value).slice(0, 100))
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

/** A URL without its user, password and query; of text that is no URL, what cannot be one of these. */
export function withoutCredentials (text: string): string {
  if (URL.canParse(text)) {
    const { protocol, host, pathname } = new URL(text)
    if (host !== '') return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
  }
  // Someone who mistypes a URL still has its password in it, which may hold any character.
  const behind = text.slice(text.lastIndexOf('@') + 1)
  return text.includes(':') ? behind.replace(/[?#].*$/s, '') : behind
}
