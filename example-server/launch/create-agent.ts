/** Creates an agent, for something to talk to at once. */
export async function createAgent (server: string): Promise<string> {
  const response = await fetch(`${server}/v1/agents`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'Ada' })
  })
  const { id } = await response.json() as { id: string }
  return id
}
