import { usePlace } from '../../state/place-context.ts'
import { RunSearch } from './run-search.tsx'
import { RunView } from './run-view.tsx'

export function Runs () {
  const { place } = usePlace()
  return place.id === '' ? <RunSearch /> : <RunView id={place.id} key={place.id} />
}
