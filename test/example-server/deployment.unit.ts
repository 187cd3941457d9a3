/**
 * What the files for containers name is there, and agrees: files, ports, variables, users, stages. Whether they run is seen
 * where there is an engine for containers.
 */
import { existsSync, globSync } from 'node:fs'
import { join, normalize } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { selectConfiguration } from '../../lib/collector/selection.ts'
import { readSettings, type Setting } from '../../lib/collector/settings.ts'
import { COLLECTOR_PROGRAM } from '../../lib/collector/release.ts'
import { VARIABLES } from '../../lib/collector/variables.ts'
import { PROJECT } from '../fixtures/node-process.ts'
import { read, readComposition, readDockerfile, readManifests, type Composition, type Container, type Service } from './deployment-files.ts'

const EXAMPLE = 'example-server'
const manifest = JSON.parse(read('package.json')) as { bin: Record<string, string>, devDependencies: Record<string, string> }
const { args, stages } = readDockerfile(`${EXAMPLE}/Dockerfile`)
const compositions = Object.fromEntries(['compose', 'dev-compose', 'base-compose'].map(name => [name, readComposition(`${EXAMPLE}/${name}.yaml`)]))
const compose = compositions['compose']!

function environmentOf (stage: string): Record<string, string> {
  const { from, instructions } = stages.find(({ name }) => name === stage)!
  const inherited = stages.some(({ name }) => name === from) ? environmentOf(from) : {}
  const own = instructions.filter(([word]) => word === 'ENV').flatMap(([, rest]) => rest.split(' ').map(pair => pair.split('=') as [string, string]))
  return { ...inherited, ...Object.fromEntries(own) }
}

/** Of `node dist/cli/bin.js collector start --config NAME`: the names. */
function configurationsOf (command: readonly string[]): string[] {
  return command.filter((_word, index) => command[index - 1] === '--config')
}

/** The settings that a collector of these words and this environment has; what the configuration needs is there. */
async function checkCollector (t: Test, what: string, command: readonly string[], env: Record<string, string>): Promise<Map<string, Setting>> {
  const selection = selectConfiguration(configurationsOf(command), env)
  t.equal(selection.configurations.length, 1, `${what} has a configuration of letta-otel's`)
  const settings = await readSettings(selection.files, env)
  for (const { name, isRequired, isSet } of settings) t.ok(!isRequired || isSet, `${what}: ${name} is set where it has to be`)
  const read = new Set([...settings.map(({ name }) => name), 'LETTA_OTELCOL_BINARY'])
  for (const name of Object.keys(env)) if (name in VARIABLES || name.startsWith('LETTA_OTELCOL_')) t.ok(read.has(name), `${what}: ${name} is read`)
  return new Map(settings.map(setting => [setting.name, setting]))
}

t.test('the Dockerfile: what it copies is there, versions are named, nobody is root', t => {
  t.match(args['NODE_IMAGE'], new RegExp(`^node:${manifest.devDependencies['node']}-\\w+-slim$`), 'the Node that is tested with')
  const names = new Set<string>()
  const allowed = read(`${EXAMPLE}/Dockerfile.dockerignore`).split('\n').filter(line => line.startsWith('!')).map(line => line.slice(1))
  for (const { name, from, instructions } of stages) {
    t.ok(from === '${NODE_IMAGE}' || names.has(from), `${name} is made of something that is there`) // eslint-disable-line no-template-curly-in-string
    names.add(name)
    for (const [word, rest] of instructions) {
      if (word !== 'COPY') continue
      const words = rest.split(' ').filter(part => !part.startsWith('--'))
      if (rest.startsWith('--from=')) {
        t.ok(names.has(/^--from=(\S+)/.exec(rest)![1]!), `${name}: ${rest}`)
        continue
      }
      for (const source of words.slice(0, -1)) {
        t.ok(existsSync(join(PROJECT, source)), `${source} is there`)
        t.ok(allowed.includes(source), `${source} gets into the build`)
      }
    }
  }
  t.strictSame(stages.at(-1)!.name, 'server', 'what is built when nothing else is asked for')
  const runtime = new Map(stages.find(({ name }) => name === 'runtime')!.instructions)
  t.equal(runtime.get('USER'), '1000:1000')
  t.match(runtime.get('RUN'), /\btini\b/)
  t.equal(runtime.get('ENTRYPOINT'), '["tini", "--"]')
  t.equal(runtime.get('VOLUME'), environmentOf('runtime')['LETTA_DIR'])
  t.notOk(stages.some(({ name, instructions }) => name !== 'runtime' && instructions.some(([word]) => word === 'USER')), 'and nobody becomes root again')
  t.ok(read(`${EXAMPLE}/Dockerfile`).includes(`/bin/${COLLECTOR_PROGRAM}-* /tmp/${COLLECTOR_PROGRAM}`), 'the program has the name that the installer gives it')
  for (const [stage, variable, path] of [['collector', 'LETTA_OTELCOL_HEALTH_PORT', '/'], ['server', 'PORT', '/v1/health']] as const) {
    const { instructions } = stages.find(({ name }) => name === stage)!
    const health = instructions.find(([word]) => word === 'HEALTHCHECK')![1]
    const [, file = '', ...words] = JSON.parse(/CMD (\[.*\])$/.exec(health)![1]!) as string[]
    t.ok(existsSync(join(PROJECT, file)), file)
    t.match(words, [variable, /^\d+$/, path])
  }
  t.end()
})

t.test('the image has every package that the example imports', t => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  const imported = new Set(globSync(`${EXAMPLE}/**/*.ts`, { cwd: PROJECT }).flatMap(file =>
    [...read(file).matchAll(/^import (?!type ).* from '([^'.][^']*)'|import\('([^'.][^']*)'\)/gm)].map(([, one, other]) => one ?? other ?? '')))
  const missing = [...imported].filter(name => !name.startsWith('node:') && !(name in dependencies) && name !== 'letta-otel').sort()
  const [, added = ''] = /RUN for name in ([^;]+);/.exec(read(`${EXAMPLE}/Dockerfile`)) ?? []
  t.strictSame(added.split(' ').sort(), missing)
  for (const name of missing) t.ok(name in manifest.devDependencies, `${name} has a version`)
  t.end()
})

t.test('the collector of the image listens to what the image opens', async t => {
  const settings = await readSettings(selectConfiguration(['clickhouse'], {}).files, environmentOf('collector'))
  const value = (name: string): string => settings.find(setting => setting.name === name)!.value
  const ports = ['GRPC', 'HTTP', 'METRICS', 'HEALTH'].map(name => value(`LETTA_OTELCOL_${name}_PORT`))
  t.strictSame(stages.find(({ name }) => name === 'collector')!.instructions.find(([word]) => word === 'EXPOSE')![1].split(' ').sort(), ports.sort())
  t.equal(value('LETTA_OTELCOL_HOST'), '0.0.0.0')
  t.match(read(`${EXAMPLE}/server/settings.ts`), `portFrom('PORT', ${stages.at(-1)!.instructions.find(([word]) => word === 'EXPOSE')![1]})`)
})

t.test('compositions: files, stages, volumes and services that they name are there', t => {
  for (const [name, { services, volumes }] of Object.entries(compositions)) {
    for (const [service, { image, build, command, volumes: mounts = [], ports = [], depends_on: after = {} }] of Object.entries(services)) {
      const what = `${name}: ${service}`
      if (build === undefined) t.match(image, /:\d+\.\d+\.\d+/, `${what} names a version`)
      else {
        t.ok(existsSync(join(PROJECT, EXAMPLE, build.context, build.dockerfile)), `${what} has a Dockerfile`)
        t.ok(stages.some(({ name }) => name === build.target), `${what}: ${build.target} is a stage`)
      }
      if (command?.[0] === 'node') t.ok(command[1] === manifest.bin['letta-otel']!.slice(2) || existsSync(join(PROJECT, command[1]!)), `${what}: ${command[1]} is there`)
      for (const mount of mounts) {
        const [source = ''] = mount.split(':')
        t.ok(source.startsWith('.') ? existsSync(join(PROJECT, EXAMPLE, source)) : source in volumes, `${what}: ${source} is there`)
      }
      for (const port of ports) t.match(port, /^127\.0\.0\.1:/, `${what} is open to this machine alone`)
      for (const other of Object.keys(after)) t.ok(other in services, `${what}: ${other} is a service`)
    }
  }
  t.end()
})

t.test('services find each other, and know what they need', async t => {
  const { server, collector, migrate, clickhouse } = compose.services as Record<string, Service>
  const collectorEnvironment = { ...environmentOf('collector'), ...collector!.environment }
  const settings = await checkCollector(t, 'collector', collector!.command!, collectorEnvironment)
  t.equal(server!.environment!['OTEL_EXPORTER_OTLP_ENDPOINT'], `http://collector:${settings.get('LETTA_OTELCOL_HTTP_PORT')!.value}`)
  t.equal(Number.parseInt(server!.ports![0]!.split(':').at(-1)!), 8283)
  for (const service of [server, collector, migrate]) {
    t.match(service!.environment, {
      CLICKHOUSE_ENDPOINT: 'http://clickhouse:8123', CLICKHOUSE_USERNAME: clickhouse!.environment!['CLICKHOUSE_USER'], CLICKHOUSE_PASSWORD: clickhouse!.environment!['CLICKHOUSE_PASSWORD']
    })
  }
  t.equal(collector!.depends_on!['migrate']!.condition, 'service_completed_successfully', 'nothing is written before there are tables')
  t.ok(collector!.volumes!.some(mount => mount.endsWith(`:${environmentOf('collector')['LETTA_DIR']}`)), 'the queue outlives the container')
  t.ok(server!.volumes!.some(mount => mount.endsWith(`:${environmentOf('server')['LETTA_DIR']}`)), 'and so does the spool')
  const [, limit = ''] = /mem_limit: (\d+)m/.exec(read(`${EXAMPLE}/compose.yaml`)) ?? []
  t.ok(Number(limit) > Number(settings.get('LETTA_OTELCOL_MEMORY_MIB')!.value), 'the collector refuses before it is killed')
})

t.test('no password stands in a file', t => {
  for (const name of ['compose', 'base-compose']) {
    const secrets = [...read(`${EXAMPLE}/${name}.yaml`).matchAll(/^ +(\w*(?:PASSWORD|KEY)): (.*)$/gm)]
    for (const [, variable, value] of secrets) t.match(value, /^\$\{\w+:[?-]/, `${name}: ${variable} comes from the environment`)
    if (name === 'compose') t.ok(secrets.length > 0)
  }
  t.match(read('.gitignore'), /^\.env$/m)
  t.match(read(`${EXAMPLE}/Dockerfile.dockerignore`), /^example-server\/\.env$/m)
  t.end()
})

t.test('Grafana is given what it is told to load', t => {
  const PROVISIONING = 'docs/grafana/provisioning'
  const { datasources: [source] } = parse(read(`${PROVISIONING}/datasources/clickhouse.yaml`)) as { datasources: any[] }
  const { providers: [provider] } = parse(read(`${PROVISIONING}/dashboards/letta-otel.yaml`)) as { providers: any[] }
  const users = read(`${EXAMPLE}/clickhouse/users.d/grafana.xml`)
  for (const { services } of [compose, compositions['dev-compose']] as Composition[]) {
    const { volumes, environment } = services['grafana'] as Required<Service>
    const mounts = new Map(volumes.map(mount => mount.split(':') as [string, string]).map(([from, to]) => [to, normalize(join(EXAMPLE, from))]))
    t.equal(mounts.get(provider.options.path), 'docs/grafana')
    for (const kind of ['datasources', 'dashboards', 'alerting']) t.equal(mounts.get(`/etc/grafana/provisioning/${kind}`), `${PROVISIONING}/${kind}`)
    t.match(environment['GF_PLUGINS_PREINSTALL_SYNC'], new RegExp(`^${source.type}@\\d`), 'the plugin of the data source is installed')
    const { host, port, username } = source.jsonData
    const told = [host, port, username].map(value => environment[/^\$(\w+)$/.exec(value)![1]!])
    const [, password = ''] = /^\$(\w+)$/.exec(source.secureJsonData.password)!
    t.ok(told[0]! in services, 'the server is one of the services')
    t.equal(told[1], '8123')
    t.ok(password in environment && password in services['clickhouse']!.environment!, `both are told ${password}`)
    t.match(users, `<${told[2]}>\n      <password from_env="${password}"/>`)
  }
  t.match(users, `GRANT SELECT ON ${source.jsonData.defaultDatabase}.*`)
  t.end()
})

t.test('the sketch for Kubernetes agrees with the configurations', async t => {
  const manifests = readManifests('docs/deployment.md')
  const named = (kind: string, name: string): any => manifests.find(manifest => manifest.kind === kind && manifest.metadata.name === name)!.spec
  const container = (kind: string, name: string): Container => named(kind, name).template.spec.containers[0]
  const [edge, sampling, application] = [container('DaemonSet', 'collector-edge'), container('StatefulSet', 'collector-sampling'), container('Deployment', 'agent-server')]
  const secret = Object.fromEntries(['ENDPOINT', 'USERNAME', 'PASSWORD', 'DATABASE'].map(name => [`CLICKHOUSE_${name}`, 'x']))
  const environment = ({ env = [], envFrom }: Container): Record<string, string> =>
    ({ ...environmentOf('collector'), ...envFrom !== undefined && secret, ...Object.fromEntries(env.map(({ name, value = 'x' }) => [name, value])) })
  for (const [name, one] of Object.entries({ edge, sampling })) {
    const settings = await checkCollector(t, name, one.args!, environment(one))
    const value = (variable: string): string => settings.get(variable)!.value
    t.equal(one.livenessProbe!.httpGet.port, Number(value('LETTA_OTELCOL_HEALTH_PORT')))
    t.strictSame(one.volumeMounts!.map(({ mountPath }) => mountPath), [environmentOf('collector')['LETTA_DIR']], 'the queue is in a volume')
    const limit = one.resources!.limits.memory
    const mebibytes = Number.parseInt(limit) * (limit.endsWith('Gi') ? 1_024 : 1)
    t.ok(Number(value('LETTA_OTELCOL_MEMORY_MIB')) <= mebibytes * 0.8, `${name} refuses before it is killed`)
  }
  t.equal(named('Service', 'collector-sampling').clusterIP, 'None', 'a name for each of them')
  t.equal(named('Service', 'collector-sampling').ports[0].port, 4317)
  t.equal(environment(edge)['LETTA_OTELCOL_SAMPLERS_DNS'], 'collector-sampling.observability.svc.cluster.local')
  t.equal(named('StatefulSet', 'collector-sampling').serviceName, 'collector-sampling')
  const hostPort = edge.ports!.find(port => port.hostPort !== undefined)!
  t.ok(application.env!.some(({ name, value }) => name === 'OTEL_EXPORTER_OTLP_ENDPOINT' && value === `http://$(NODE_IP):${hostPort.hostPort}`))
  for (const { kind, metadata: { name }, spec } of manifests) {
    if (spec.selector?.matchLabels !== undefined && spec.template !== undefined) t.strictSame(spec.selector.matchLabels, spec.template.metadata.labels, `${kind} ${name} finds its pods`)
  }
})
