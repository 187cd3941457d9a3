/** What an error's code says of an address, as the rest of a sentence, and what to do. */
export interface Explanation {
  readonly meaning: string
  readonly advice: string
}

const CERTIFICATE = 'is signed by nobody this machine knows'
const AUTHORITY = 'name the file of the authority that signed it in OTEL_EXPORTER_OTLP_CERTIFICATE'
const HTTPS = 'compare http:// and https:// in the URL with what is spoken there'

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: { meaning: 'refuses connections', advice: 'start what should listen there, as letta-otel collector start does, or correct host and port' },
  ECONNRESET: { meaning: 'hangs up', advice: HTTPS },
  ENOTFOUND: { meaning: 'has a name that nobody knows', advice: 'correct the host in the URL, or the resolver of this machine' },
  EAI_AGAIN: { meaning: 'has a name that cannot be looked up now', advice: 'check the network and the resolver of this machine' },
  ETIMEDOUT: { meaning: 'does not answer', advice: 'check the address, firewalls on the way, and whether what listens there is overloaded' },
  EHOSTUNREACH: { meaning: 'cannot be reached from this network', advice: 'check the address and the routes of this machine' },
  ENETUNREACH: { meaning: 'cannot be reached from this network', advice: 'check the address and the routes of this machine' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { meaning: `shows a certificate that ${CERTIFICATE}`, advice: AUTHORITY },
  SELF_SIGNED_CERT_IN_CHAIN: { meaning: `shows a certificate that ${CERTIFICATE}`, advice: AUTHORITY },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { meaning: `shows a certificate that ${CERTIFICATE}`, advice: AUTHORITY },
  UNABLE_TO_GET_ISSUER_CERT: { meaning: `shows a certificate that ${CERTIFICATE}`, advice: AUTHORITY },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { meaning: `shows a certificate that ${CERTIFICATE}`, advice: AUTHORITY },
  CERT_HAS_EXPIRED: { meaning: 'shows a certificate that has expired', advice: 'renew the certificate there' },
  ERR_TLS_CERT_ALTNAME_INVALID: { meaning: 'shows a certificate for other names', advice: 'use a host name that the certificate has' },
  ERR_SSL_WRONG_VERSION_NUMBER: { meaning: 'does not speak TLS', advice: HTTPS },
  ERR_SSL_PACKET_LENGTH_TOO_LONG: { meaning: 'does not speak TLS', advice: HTTPS },
  ENODATA: { meaning: 'answers with no metrics of a collector', advice: 'correct the address of the metrics: something else listens there' },
  EMSGSIZE: { meaning: 'does not come to the end of its answer', advice: 'correct the address of the metrics: something else listens there' },
  EPROTO: { meaning: 'does not agree on TLS', advice: HTTPS }
}

/** What stands behind a code; of one that is not known, the code alone. */
export function explain (code: string): Explanation {
  const { meaning, advice } = EXPLANATIONS[code] ?? { meaning: 'cannot be spoken to', advice: 'look at the log of what listens there' }
  return { meaning: `${meaning} (${code})`, advice }
}
