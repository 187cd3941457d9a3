import { useState } from 'preact/hooks'

const SHOWN_MS = 1_200

export function CopyButton ({ text, children = 'Copy' }: { text: string | (() => string), children?: string }) {
  const [said, setSaid] = useState('')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text())
      setSaid('Copied')
    } catch {
      setSaid('Not allowed')
    }
    setTimeout(() => { setSaid('') }, SHOWN_MS)
  }
  return <button type='button' onClick={event => { event.stopPropagation(); void copy() }} aria-live='polite'>{said === '' ? children : said}</button>
}
