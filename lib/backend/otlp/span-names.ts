/** As the Collector spells them in tables, by number. */
export const KINDS: readonly string[] = Object.freeze(['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'])
export const STATUS_CODES: readonly string[] = Object.freeze(['Unset', 'Ok', 'Error'])
