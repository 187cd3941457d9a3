import t from 'tap'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { contract } from './contract.ts'

await contract(t, { path: temporaryDirectory(t) })
