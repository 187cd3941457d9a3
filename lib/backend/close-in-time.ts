import type { Server } from 'node:http'

/** What stops a backend waits longer than this, and then kills it with what it has not written yet. */
const CLOSING_MS = 5_000

/** Closes a server: answers that are under way are waited for, but not for ever; then their connections are cut. */
export async function closeInTime (server: Server, close: () => Promise<unknown>, milliseconds = CLOSING_MS): Promise<void> {
  const timer = setTimeout(() => { server.closeAllConnections() }, milliseconds)
  try {
    await close()
  } finally {
    clearTimeout(timer)
  }
}
