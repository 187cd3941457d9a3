import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** The browser's own dialog: it keeps the focus and closes by Esc. */
export function Dialog ({ title, onClose, children }: { title: string, onClose: () => void, children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => { dialog.current?.showModal() }, [])
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose} onClick={event => { if (event.target === dialog.current) dialog.current?.close() }}>
      <header>
        <h2>{title}</h2>
        <button type='button' class='push' onClick={() => { dialog.current?.close() }}>Close</button>
      </header>
      {children}
    </dialog>
  )
}
