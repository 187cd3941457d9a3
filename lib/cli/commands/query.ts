import { Option, type Command } from 'commander'
import type { NamedQuery } from '../../store/queries/named-query.ts'
import { namedQuery, NAMED_QUERIES } from '../../store/queries/named-queries.ts'
import { expected, type ParameterDefinition } from '../../store/queries/parameters.ts'
import { runQuery } from '../../store/queries/run-query.ts'
import { outputOf, requireSchema, withEngine, type CommandContext } from '../command-context.ts'

export function queryCommand (context: CommandContext, store: Command): void {
  const query = store.command('query')
    .description('ask a named query, or list them; each has options of its own: query <name> --help')
    .argument('[name]', 'name of the query')
    .option('--json', 'answer as JSON')
    .action((name: string | undefined, _options, command: Command) => {
      // A name that is known never comes here: it is a command of its own.
      if (name !== undefined) namedQuery(name)
      const queries = Object.values(NAMED_QUERIES).map(({ name, title, description }) => ({ name, title, description }))
      outputOf(context, command).rows({ name: 'text', title: 'text' }, queries)
    })
  for (const named of Object.values(NAMED_QUERIES)) addQuery(context, query, named)
}

function addQuery (context: CommandContext, parent: Command, named: NamedQuery): void {
  const command = parent.command(named.name)
    .summary(named.title)
    .description(named.description)
    .option('--organization <id>', 'only what belongs to this organization (default: everybody\'s)')
    .option('--json', 'answer as JSON, with every column whole')
    .option('--sql', 'show the SQL instead of asking')
  const names = Object.keys(named.parameters)
  for (const name of names) command.addOption(optionOf(name, named.parameters[name]!))
  command.action(async (options: Record<string, string>, command: Command) => {
    const output = outputOf(context, command)
    if ('sql' in options) {
      output.text(named.sql)
      return
    }
    const given = Object.fromEntries(names.flatMap(name => {
      const text = options[attributeOf(name)]
      return text === undefined ? [] : [[name, text]]
    }))
    const scope = options['organization'] === undefined ? 'all-organizations' : { organizationId: options['organization'] }
    const rows = await withEngine(context, async engine => {
      await requireSchema(engine)
      return await runQuery(engine, named, given, scope)
    })
    output.rows(named.columns, rows)
  })
}

/** What commander calls the value of `--minimum-ms`. */
function attributeOf (name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** Values stay text: the query checks them, and says what it takes. */
function optionOf (name: string, definition: ParameterDefinition): Option {
  const option = new Option(`--${name.replaceAll('_', '-')} <value>`, `${definition.description}; ${expected(definition)}${defaultText(definition)}`)
  return option.makeOptionMandatory(definition.default === undefined)
}

function defaultText ({ default: value }: ParameterDefinition): string {
  return value === undefined || value === '' || typeof value === 'object' ? '' : ` (default: ${value})`
}
