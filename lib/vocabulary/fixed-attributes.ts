/** Where a recorder keeps what it made of attributes that never change. */
export const RECORDED_FORM: unique symbol = Symbol('letta-otel recorded form')

/** Attributes that never change: a recorder may check and encode them once for all spans that they are set on. */
export interface FixedAttributes {
  readonly [name: string]: string | number | boolean
  readonly [RECORDED_FORM]: { form?: unknown }
}

export function fixedAttributes (attributes: Readonly<Record<string, string | number | boolean>>): FixedAttributes {
  return Object.freeze({ ...attributes, [RECORDED_FORM]: {} })
}
