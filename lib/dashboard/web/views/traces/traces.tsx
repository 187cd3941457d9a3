import { usePlace } from '../../state/place-context.ts'
import { TraceSearch } from './trace-search.tsx'
import { TraceView } from './trace-view.tsx'

export function Traces () {
  const { place } = usePlace()
  return place.id === '' ? <TraceSearch /> : <TraceView id={place.id} key={place.id} />
}
