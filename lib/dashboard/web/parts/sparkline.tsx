/** Counts over time in the height of a line of text. */
export function Sparkline ({ values, width = 96, height = 16 }: { values: readonly number[], width?: number, height?: number }) {
  const highest = Math.max(1, ...values)
  const step = width / Math.max(1, values.length)
  return (
    <svg class='spark' width={width} height={height} aria-hidden='true'>
      {values.map((value, index) => value > 0 && (
        <rect key={index} x={index * step} y={height - Math.max(1, value / highest * height)} width={Math.max(1, step - 1)} height={Math.max(1, value / highest * height)} fill='currentColor' />
      ))}
    </svg>
  )
}
