/** Something an agent can do besides talking. */
export interface Tool {
  readonly name: string
  /** Tells the model what the tool is good for. */
  readonly description: string
  /** JSON schema of the arguments. */
  readonly parameters: object
  /**
   * @param input what the model wrote; it need not follow the schema
   * @throws an error whose message tells the model what to do better
   */
  run (input: Readonly<Record<string, unknown>>): string
}

/** The text under `name` of a tool's arguments. */
export function textArgument (input: Readonly<Record<string, unknown>>, name: string): string {
  const value = input[name]
  if (typeof value !== 'string' || value === '') throw new Error(`"${name}" must be a text`)
  return value
}
