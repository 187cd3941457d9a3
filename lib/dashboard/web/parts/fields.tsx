import { useEffect, useState } from 'preact/hooks'

interface FieldProps {
  label: string
  value: string
  onValue: (value: string) => void
  placeholder?: string
  wide?: boolean
  short?: boolean
  /** The key `/` leads to it. */
  searches?: boolean
}

/** How long nobody types before it counts. */
const PAUSE_MS = 250

/** A text that is in the address: it counts a moment after the last key, or at once with Enter. */
export function Field ({ label, value, onValue, placeholder, wide, short, searches }: FieldProps) {
  const [text, setText] = useState(value)
  useEffect(() => { setText(value) }, [value])
  useEffect(() => {
    if (text === value) return undefined
    const timer = setTimeout(() => { onValue(text) }, PAUSE_MS)
    return () => { clearTimeout(timer) }
  }, [text])
  return (
    <label>{label}
      <input
        type='text' class={wide === true ? 'wide mono' : short === true ? 'short mono' : 'mono'} value={text} placeholder={placeholder} spellcheck={false} autoComplete='off'
        {...(searches === true && { 'data-search': true })} onInput={event => { setText(event.currentTarget.value) }}
        onKeyDown={event => { if (event.key === 'Enter') onValue(text) }}
      />
    </label>
  )
}

interface ChoiceProps {
  label: string
  value: string
  onValue: (value: string) => void
  options: ReadonlyArray<readonly [value: string, label: string]>
}

export function Choice ({ label, value, onValue, options }: ChoiceProps) {
  return (
    <label>{label}
      <select value={value} onChange={event => { onValue(event.currentTarget.value) }}>
        {options.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </select>
    </label>
  )
}
