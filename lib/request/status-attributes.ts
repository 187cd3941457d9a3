import type { RequestOptions } from '../options.ts'
import { ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_LETTA_HTTP_STATUS_CODE } from '../vocabulary/attributes.ts'
import { fixedAttributes, type FixedAttributes } from '../vocabulary/fixed-attributes.ts'

/** The attributes that say which status was sent, made once for each. Node sends none but those from 100 to 999. */
export class StatusAttributes {
  readonly #semantics: RequestOptions['semantics']
  readonly #byStatus: FixedAttributes[] = []

  constructor ({ semantics }: RequestOptions) {
    this.#semantics = semantics
  }

  attributes (statusCode: number): FixedAttributes {
    this.#byStatus[statusCode] ??= fixedAttributes({
      ...(this.#semantics !== 'letta' && { [ATTR_HTTP_RESPONSE_STATUS_CODE]: statusCode }),
      ...(this.#semantics !== 'stable' && { [ATTR_LETTA_HTTP_STATUS_CODE]: statusCode })
    })
    return this.#byStatus[statusCode]
  }
}
