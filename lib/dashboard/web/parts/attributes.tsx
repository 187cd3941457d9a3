import { CopyButton } from './copy-button.tsx'

interface AttributesProps {
  of: Readonly<Record<string, string>>
  /** What a click on a value does. */
  onChoose?: (name: string, value: string) => void
}

export function Attributes ({ of, onChoose }: AttributesProps) {
  const entries = Object.entries(of).sort(([one], [other]) => one.localeCompare(other))
  if (entries.length === 0) return null
  return (
    <>
      <div class='attributes'>
        {entries.map(([name, value]) => [
          <span key={name} class='key'>{name}</span>,
          onChoose === undefined
            ? <span key={`${name}=`} class='value'>{value}</span>
            : <button key={`${name}=`} type='button' class='link value' title='Find spans with this' onClick={() => { onChoose(name, value) }}>{value === '' ? '(empty)' : value}</button>
        ])}
      </div>
      <CopyButton text={() => JSON.stringify(of, undefined, 2)}>Copy as JSON</CopyButton>
    </>
  )
}
