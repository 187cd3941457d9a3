import type { ComponentChildren } from 'preact'
import type { Asking } from '../data/use-query.ts'
import { QueryButton } from './query-button.tsx'

interface CardProps {
  title: string
  asking?: Asking | undefined
  extra?: ComponentChildren
  class?: string
  children: ComponentChildren
}

export function Card ({ title, asking, extra, children, class: name = '' }: CardProps) {
  return (
    <section class={`card ${name}`} aria-label={title}>
      <header><h2>{title}</h2>{extra}<span class='push' />{asking !== undefined && <QueryButton asking={asking} />}</header>
      {children}
    </section>
  )
}
