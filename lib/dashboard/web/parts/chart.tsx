import { useEffect, useRef, useState } from 'preact/hooks'
import UPlot from 'uplot'

export interface Series {
  readonly label: string
  /** Name of a custom property of the style, as `--series-1`. */
  readonly color: string
  readonly values: ReadonlyArray<number | null>
}

interface ChartProps {
  label: string
  /** Seconds since the epoch. */
  times: readonly number[]
  series: readonly Series[]
  kind: 'bars' | 'lines'
  format: (value: number | null) => string
  onRange?: (from: number, to: number) => void
  height?: number
}

const SYNC = 'page'
const DRAG_MINIMUM_PIXELS = 4

/** A chart over time. Bars stand on one another; all charts of a page share the cursor, and a drag over one asks for that time. */
export function Chart ({ label, times, series, kind, format, onRange, height = 160 }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<UPlot | undefined>(undefined)
  const [at, setAt] = useState<number | undefined>()
  const [theme, setTheme] = useState(0)
  const latest = useRef(onRange)
  latest.current = onRange
  const names = series.map(({ label, color }) => `${label}${color}`).join()

  useEffect(() => {
    const change = (): void => { setTheme(theme => theme + 1) }
    addEventListener('themechange', change)
    return () => { removeEventListener('themechange', change) }
  }, [])

  useEffect(() => {
    const element = place.current!
    const style = getComputedStyle(document.documentElement)
    const color = (name: string): string => style.getPropertyValue(name).trim()
    const axis = { stroke: color('--muted'), font: '11px system-ui', grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } }
    const made = new UPlot({
      width: Math.max(1, element.clientWidth),
      height,
      legend: { show: false },
      // At the right, half of the last time.
      padding: [8, 20, 0, 0],
      cursor: { sync: { key: SYNC }, drag: { x: true, y: false, setScale: false }, points: { show: kind === 'lines' }, y: false },
      scales: { y: { range: (_, _min, max) => [0, max > 0 ? max * 1.08 : 1] } },
      axes: [
        { ...axis, size: 28, values: (_, splits) => splits.map(clock) },
        { ...axis, size: 60, values: (_, splits) => splits.map(format) }
      ],
      series: [{}, ...series.map(({ label, color: name }) => ({
        label,
        stroke: color(name),
        width: kind === 'bars' ? 0 : 1.5,
        spanGaps: false,
        points: { show: kind === 'lines' ? undefined : false, size: 4 },
        ...(kind === 'bars' && { fill: color(name), paths: UPlot.paths.bars!({ size: [0.86, 40], align: 1 }) })
      }) as UPlot.Series)],
      hooks: {
        setCursor: [plot => { setAt(plot.cursor.idx ?? undefined) }],
        setSelect: [plot => {
          if (plot.select.width < DRAG_MINIMUM_PIXELS) return
          latest.current?.(plot.posToVal(plot.select.left, 'x') * 1_000, plot.posToVal(plot.select.left + plot.select.width, 'x') * 1_000)
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        }]
      }
    }, dataOf(times, series, kind), element)
    chart.current = made
    const resize = new ResizeObserver(() => { made.setSize({ width: Math.max(1, element.clientWidth), height }) })
    resize.observe(element)
    return () => {
      resize.disconnect()
      made.destroy()
    }
  }, [theme, kind, names, height])

  useEffect(() => { chart.current?.setData(dataOf(times, series, kind)) }, [times, series, kind])

  return (
    <figure class='chart' style={{ margin: 0 }}>
      <figcaption class='legend'>
        {series.map(({ label, color, values }) => (
          <span key={label}><i style={{ background: `var(${color})` }} />{label}<span class='number'>{at === undefined ? '' : format(values[at] ?? null)}</span></span>
        ))}
        {at !== undefined && times[at] !== undefined && <span class='number'>{clock(times[at])}</span>}
      </figcaption>
      <div ref={place} role='img' aria-label={`${label}: ${series.map(summary(format)).join(', ')}`} />
    </figure>
  )
}

/** Bars stand on what is below them: the tallest are drawn first. */
function dataOf (times: readonly number[], series: readonly Series[], kind: ChartProps['kind']): UPlot.AlignedData {
  if (kind === 'lines') return [[...times], ...series.map(({ values }) => [...values])]
  const below = times.map(() => 0)
  const stacked = [...series].reverse().map(({ values }) => values.map((value, index) => (below[index] = below[index]! + (value ?? 0))))
  return [[...times], ...stacked.reverse()]
}

function clock (seconds: number): string {
  const date = new Date(seconds * 1_000)
  const text = date.toLocaleTimeString('en-GB')
  return text === '00:00:00' ? date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }) : text.endsWith(':00') ? text.slice(0, 5) : text
}

const summary = (format: ChartProps['format']) => ({ label, values }: Series): string => {
  const known = values.filter(value => value !== null)
  return `${label} ${known.length === 0 ? 'nothing' : `up to ${format(known.reduce((most, value) => Math.max(most, value)))}`}`
}
