import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Row } from '../data/client.ts'

export interface TableColumn {
  readonly title: string
  /** By which its rows are sorted; without one the column cannot be. */
  readonly by?: (row: Row) => number | string
  readonly cell: (row: Row) => ComponentChildren
  readonly end?: boolean
}

interface DataTableProps {
  label: string
  rows: readonly Row[]
  columns: readonly TableColumn[]
  rowKey: (row: Row) => string
  onOpen?: ((row: Row) => void) | undefined
  selected?: string | undefined
  class?: string
}

/** A table whose columns sort and whose rows open, by mouse and by key. */
export function DataTable ({ label, rows, columns, rowKey, onOpen, selected, class: name = '' }: DataTableProps) {
  const [order, setOrder] = useState<{ title: string, down: boolean } | undefined>()
  const by = columns.find(({ title }) => title === order?.title)?.by
  const sorted = by === undefined || order === undefined ? rows : [...rows].sort((one, other) => compare(by(one), by(other)) * (order.down ? -1 : 1))
  const sortBy = (title: string): void => { setOrder(order?.title === title ? (order.down ? { title, down: false } : undefined) : { title, down: true }) }
  return (
    <div class='scroll'>
      <table class={name} aria-label={label}>
        <thead>
          <tr>{columns.map(({ title, by, end }) => (
            <th key={title} scope='col' class={end === true ? 'end' : ''} {...(order?.title === title && { 'aria-sort': order.down ? 'descending' as const : 'ascending' as const })}>
              {by === undefined ? title : <button type='button' onClick={() => { sortBy(title) }}>{title}{order?.title === title ? (order.down ? ' ↓' : ' ↑') : ''}</button>}
            </th>
          ))}
          </tr>
        </thead>
        <tbody data-list>
          {sorted.map(row => (
            <tr
              key={rowKey(row)} data-item tabIndex={0} class={onOpen === undefined ? '' : 'opens'} {...(selected === rowKey(row) && { 'aria-selected': true })}
              onClick={() => { onOpen?.(row) }} onKeyDown={event => { if (event.key === 'Enter' && event.target === event.currentTarget) onOpen?.(row) }}
            >
              {columns.map(({ title, cell, end }) => <td key={title} class={end === true ? 'end' : ''}>{cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function compare (one: number | string, other: number | string): number {
  return typeof one === 'number' && typeof other === 'number' ? one - other : String(one).localeCompare(String(other))
}
