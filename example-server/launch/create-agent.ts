/** Who the agent belongs to, and so what is kept of its runs. */
export const ORGANIZATION = 'org-example'

/** Creates an agent, for something to talk to at once. */
export async function createAgent (server: string): Promise<string> {
  const response = await fetch(`${server}/v1/agents`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-organization-id': ORGANIZATION }, body: JSON.stringify({ name: 'Ada' })
  })
  const { id } = await response.json() as { id: string }
  return id
}
