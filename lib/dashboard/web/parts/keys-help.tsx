import { KEYS } from '../state/use-keys.ts'
import { Dialog } from './dialog.tsx'

export function KeysHelp ({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title='Keys' onClose={onClose}>
      <dl>{KEYS.map(([keys, does]) => [<dt key={keys}>{keys.split(' ').map(key => <kbd key={key}>{key}</kbd>)}</dt>, <dd key={does}>{does}</dd>])}</dl>
    </Dialog>
  )
}
