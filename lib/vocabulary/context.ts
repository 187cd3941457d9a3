/** Where a request header goes: onto the server span, and further as said here. */
export interface ContextHeader {
  /** Attribute name, for example `organization.id`. */
  readonly attribute: string
  /**
   * Whether the value also goes onto endpoint metrics and log lines. Choose it for values with few different ones.
   * @default false
   */
  readonly ambient?: boolean
  /**
   * Whether the value goes onto log lines only, beside the span: for values of which there are many.
   * @default false
   */
  readonly logged?: boolean
}

/** Whose a span is: what decides who may see it. */
export const ATTR_ORGANIZATION_ID = 'organization.id'

/** The headers a Letta server reads, and the attributes they become. */
export const LETTA_CONTEXT_HEADERS: Readonly<Record<string, ContextHeader>> = Object.freeze({
  user_id: { attribute: 'user.id', logged: true },
  'x-organization-id': { attribute: ATTR_ORGANIZATION_ID, ambient: true },
  'x-project-id': { attribute: 'project.id', ambient: true },
  'x-agent-id': { attribute: 'agent.id', ambient: true },
  'x-template-id': { attribute: 'template.id', ambient: true },
  'x-base-template-id': { attribute: 'base_template.id', ambient: true },
  'user-agent': { attribute: 'client' },
  'x-stainless-package-version': { attribute: 'sdk.version' },
  'x-stainless-lang': { attribute: 'sdk.language' },
  'x-letta-source': { attribute: 'source' }
})

/** Says which client asks; the same for all requests of one client. */
export const USER_AGENT = 'user-agent'

/** Characters kept of a header's or a body field's value: a client chooses both. */
export const VALUE_MAX_LENGTH = 1_024

/** The field of a log line that says whose it is. */
export const ORGANIZATION_FIELD = 'org_id'

/** Names of ambient attributes on a log line, where a Letta server names them otherwise. */
export const LOG_FIELD_OF_ATTRIBUTE: ReadonlyMap<string, string> = new Map([
  ['user.id', 'actor_id'],
  [ATTR_ORGANIZATION_ID, ORGANIZATION_FIELD],
  ['project.id', 'project_id'],
  ['agent.id', 'agent_id'],
  ['template.id', 'template_id'],
  ['base_template.id', 'base_template_id']
])
