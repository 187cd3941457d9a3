import { get } from './get.ts'
import { mix } from './mix.ts'
import { post } from './post.ts'
import { stream } from './stream.ts'
import type { Workload } from './workload.ts'

export const WORKLOADS: readonly Workload[] = [get, post, mix, stream]

export function workloadNamed (name: string): Workload {
  const found = WORKLOADS.find(workload => workload.name === name)
  if (found === undefined) throw new Error(`no workload ${name}: use one of ${WORKLOADS.map(workload => workload.name).join(', ')}`)
  return found
}
