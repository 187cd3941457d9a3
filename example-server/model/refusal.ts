/** An error as a provider answers it. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
}

const OVERLOADED: Refusal = {
  status: 429,
  headers: { 'retry-after': '1' },
  body: { error: { type: 'rate_limit_error', message: 'Too many requests, try again in a second' } }
}

const FAULT: Refusal = {
  status: 500,
  headers: {},
  body: { error: { type: 'server_error', message: 'The model had an error' } }
}

export function refusal (random: () => number): Refusal {
  return random() < 0.5 ? OVERLOADED : FAULT
}
