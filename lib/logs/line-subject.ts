import type { Span } from '@opentelemetry/api'
import type { AmbientScope } from '../ambient/context-attributes.ts'

/** What a line is about. */
export interface LineSubject {
  readonly span: Span | undefined
  readonly scope: AmbientScope | undefined
  /** For whom the work is done that it was written in, where that is said apart from the request. */
  readonly organization: string | undefined
}
