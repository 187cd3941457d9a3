import type { View } from '../state/location.ts'
import { placeAfter, usePlace } from '../state/place-context.ts'
import { urlOf, type Place } from '../state/location.ts'
import type { ComponentChildren } from 'preact'

const ITEMS: ReadonlyArray<readonly [View, string]> = [
  ['overview', 'Overview'], ['traces', 'Traces'], ['runs', 'Runs'], ['logs', 'Logs'], ['metrics', 'Metrics'], ['sql', 'SQL']
]

export function Rail () {
  const { place } = usePlace()
  return (
    <nav class='rail' aria-label='Views'>
      <div class='brand'>letta-otel</div>
      {ITEMS.map(([view, title]) => (
        <PlaceLink key={view} to={{ view, id: '', filters: {} }} {...(view === place.view && { current: true })}>{title}</PlaceLink>
      ))}
      <span class='foot muted'><kbd>?</kbd> keys</span>
    </nav>
  )
}

interface PlaceLinkProps {
  to: Partial<Place>
  current?: boolean
  class?: string
  title?: string
  children: ComponentChildren
}

/** A link to a place of the page: opens in a new tab where that is asked for, as any link does. */
export function PlaceLink ({ to, current, children, ...rest }: PlaceLinkProps) {
  const { place, go } = usePlace()
  return (
    <a
      {...rest}
      href={urlOf(placeAfter(place, to))}
      {...(current === true && { 'aria-current': 'page' as const })}
      onClick={event => {
        event.stopPropagation()
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        go(to)
      }}
    >{children}
    </a>
  )
}
