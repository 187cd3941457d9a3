import t from 'tap'
import { clickhouseServer, PASSWORD } from '../../fixtures/clickhouse-http.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { contract } from './contract.ts'

const server = await clickhouseServer(temporaryDirectory(t))
t.teardown(async () => { await server.close() })
await contract(t, { url: server.url, password: PASSWORD })
