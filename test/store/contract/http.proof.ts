import t from 'tap'
import { clickhouseServer, PASSWORD } from '../../fixtures/clickhouse-http.ts'
import { contract } from './contract.ts'

const server = await clickhouseServer(t.testdir())
t.teardown(async () => { await server.close() })
await contract(t, { url: server.url, password: PASSWORD })
