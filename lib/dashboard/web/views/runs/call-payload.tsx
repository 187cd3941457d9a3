import type { Row } from '../../data/client.ts'
import { useQuery } from '../../data/use-query.ts'
import { formatBytes, formatExact } from '../../format/numbers.ts'
import { Card } from '../../parts/card.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { JsonView } from '../../parts/json-view.tsx'
import { PlaceLink } from '../../parts/rail.tsx'
import { Answered, Empty } from '../../parts/states.tsx'

const KEEP_PAYLOADS = 'agents: { payloads: true }'

/** What was said in a call, as far as it was kept. */
export function CallPayload ({ call }: { call: Row }) {
  const asking = useQuery('call-payload', { call: call['call_id'] })
  return (
    <Card
      title={`${call['provider']} ${call['model']}`} asking={asking}
      extra={<>{call['trace_id'] !== '' && <PlaceLink to={{ view: 'traces', id: call['trace_id'], filters: { span: call['span_id'] } }}>Show span</PlaceLink>}<CopyButton text={call['call_id']}>Copy call id</CopyButton></>}
    >
      {call['error_message'] !== '' && <p class='error'>{call['error_type']}: {call['error_message']}</p>}
      <p class='muted'>{formatExact(call['chunks'])} chunks{call['usage_estimated'] === true ? ', tokens were counted: the provider did not say' : ''}</p>
      <Answered asking={asking}>
        {([payload]) => payload === undefined
          ? <Empty line={KEEP_PAYLOADS}>What was said is not kept, which is the default. It is with the option:</Empty>
          : (
            <div class='payloads'>
              <Side title='Request' json={payload['request_json']} bytes={payload['request_bytes']} />
              <Side title='Answer' json={payload['response_json']} bytes={payload['response_bytes']} />
            </div>
            )}
      </Answered>
    </Card>
  )
}

function Side ({ title, json, bytes }: { title: string, json: string, bytes: number }) {
  const stored = new TextEncoder().encode(json).length
  return (
    <section aria-label={title}>
      <div class='row'>
        <h3>{title}</h3>
        <span class='muted'>{formatBytes(bytes)}{stored < bytes ? `, of which ${formatBytes(stored)} are kept` : ''}</span>
        <CopyButton text={json}>Copy</CopyButton>
      </div>
      <JsonView label={title} value={valueOf(json)} />
    </section>
  )
}

/** What is no JSON is shown as the text that it is. */
function valueOf (json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}
