import { createContext } from 'preact'
import { useContext, useEffect, useMemo, useState } from 'preact/hooks'
import { placeOf, urlOf, type Place } from './location.ts'

export interface Navigation {
  readonly place: Place
  /** Goes to a place that differs in what is given. Another view begins without the filters of this one. */
  readonly go: (change: Partial<Place>, options?: { replace?: boolean }) => void
  /** Changes filters of this view; an empty one is taken away. */
  readonly filter: (change: Readonly<Record<string, string>>) => void
}

export const PlaceContext = createContext<Navigation | undefined>(undefined)

export function usePlace (): Navigation {
  return useContext(PlaceContext)!
}

/** Where a change leads. */
export function placeAfter (place: Place, change: Partial<Place>): Place {
  const elsewhere = change.view !== undefined && change.view !== place.view
  return { ...place, ...(elsewhere && { id: '', filters: {} }), ...change }
}

/** The place that the address names, which the browser's own buttons change too. */
export function useNavigation (): Navigation {
  const [place, setPlace] = useState(() => placeOf(location.pathname, location.search))
  useEffect(() => {
    const follow = (): void => { setPlace(placeOf(location.pathname, location.search)) }
    addEventListener('popstate', follow)
    return () => { removeEventListener('popstate', follow) }
  }, [])
  return useMemo(() => {
    const go: Navigation['go'] = (change, { replace = false } = {}) => {
      const next = placeAfter(placeOf(location.pathname, location.search), change)
      const url = urlOf(next)
      if (url === `${location.pathname}${location.search}`) return
      if (replace) history.replaceState(null, '', url)
      else history.pushState(null, '', url)
      setPlace(next)
    }
    // Of where the page is now: who types may have begun at another place.
    const filter: Navigation['filter'] = change => { go({ filters: { ...placeOf(location.pathname, location.search).filters, ...change } }, { replace: true }) }
    return { place, go, filter }
  }, [place])
}
