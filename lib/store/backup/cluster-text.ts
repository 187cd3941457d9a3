import type { Engine } from '../engine.ts'
import { quoteName } from '../sql-names.ts'
import { quoteIdentifier } from './quote-identifier.ts'

/** Behind the name of what a statement makes or changes: on a cluster, every server does it. */
export function onCluster ({ cluster }: Engine): string {
  return cluster === undefined ? '' : ` ON CLUSTER ${quoteName(cluster)}`
}

/** A table of the engine's own as it stands behind FROM: on a cluster, those of every server. */
export function everyReplica ({ cluster }: Engine, database: string, table: string): string {
  const name = `${quoteIdentifier(database)}.${quoteIdentifier(table)}`
  return cluster === undefined ? name : `clusterAllReplicas(${quoteName(cluster)}, ${name})`
}

/** A stored table as it stands behind FROM: on a cluster, its rows on every shard. */
export function everyShard ({ cluster }: Engine, database: string, table: string): string {
  const name = `${quoteIdentifier(database)}.${quoteIdentifier(table)}`
  return cluster === undefined ? name : `cluster(${quoteName(cluster)}, ${name})`
}
