import { useEffect } from 'preact/hooks'
import type { Theme } from './location.ts'

/** The theme that is meant, on the root element, from which styles and charts take their colours. */
export function useTheme (theme: Theme): void {
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const apply = (): void => {
      document.documentElement.dataset['theme'] = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme
      dispatchEvent(new Event('themechange'))
    }
    apply()
    dark.addEventListener('change', apply)
    return () => { dark.removeEventListener('change', apply) }
  }, [theme])
}
