import t from 'tap'
import { contract } from './contract.ts'

await contract(t, { path: t.testdir() })
