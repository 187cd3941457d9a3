import { useEffect } from 'preact/hooks'
import type { View } from './location.ts'
import type { Navigation } from './place-context.ts'

export const KEYS: ReadonlyArray<readonly [keys: string, does: string]> = [
  ['/', 'search'], ['g o', 'overview'], ['g t', 'traces'], ['g r', 'runs'], ['g l', 'logs'], ['g m', 'metrics'], ['g s', 'SQL'],
  ['j', 'next row'], ['k', 'previous row'], ['Enter', 'open'], ['Esc', 'close'], ['p', 'pause or go on'], ['?', 'these keys']
]

const VIEW_OF_KEY: Readonly<Record<string, View>> = { o: 'overview', t: 'traces', r: 'runs', l: 'logs', m: 'metrics', s: 'sql' }

/** Keys of the whole page; where somebody types, they are letters. */
export function useKeys ({ place, go }: Navigation, showHelp: () => void): void {
  useEffect(() => {
    let afterG = false
    const press = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return
      if (/^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) {
        if (event.key === 'Escape') target.blur()
        return
      }
      const view = afterG ? VIEW_OF_KEY[event.key] : undefined
      afterG = event.key === 'g'
      if (view !== undefined) go({ view, id: '', filters: {} })
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-search]')?.focus()
      else if (event.key === 'j' || event.key === 'k') moveFocus(event.key === 'j' ? 1 : -1)
      else if (event.key === 'p') go({ live: !place.live }, { replace: true })
      else if (event.key === '?') showHelp()
      else if (event.key === 'Escape' && place.id !== '') go({ id: '' })
      else return
      event.preventDefault()
    }
    addEventListener('keydown', press)
    return () => { removeEventListener('keydown', press) }
  }, [place, go, showHelp])
}

/** To the next or the previous row of the list that has the focus, else to the first of the page. */
function moveFocus (by: 1 | -1): void {
  const inside = document.activeElement?.closest('[data-list]')
  const list = inside ?? document.querySelector('main [data-list]')
  const items = [...list?.querySelectorAll<HTMLElement>('[data-item]') ?? []]
  const at = items.indexOf(document.activeElement as HTMLElement)
  items[Math.max(0, Math.min(items.length - 1, at + by))]?.focus()
}
