import t from 'tap'
import { spanLimits } from '../../lib/runtime/span-limits.ts'
import { useEnvironment } from '../fixtures/environment.ts'

t.test('no variables, no limits of our own', async t => {
  useEnvironment({})
  t.strictSame(spanLimits(), {})
})

t.test('each variable sets its limit', async t => {
  useEnvironment({
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '1',
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '2',
    OTEL_SPAN_EVENT_COUNT_LIMIT: '3',
    OTEL_SPAN_LINK_COUNT_LIMIT: '4',
    OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '5',
    OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '0'
  })
  t.strictSame(spanLimits(), {
    attributeCountLimit: 1,
    attributeValueLengthLimit: 2,
    eventCountLimit: 3,
    linkCountLimit: 4,
    attributePerEventCountLimit: 5,
    attributePerLinkCountLimit: 0
  })
})

t.test('the general limits count where the ones for spans say nothing', async t => {
  useEnvironment({ OTEL_ATTRIBUTE_COUNT_LIMIT: '7', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '8' })
  t.strictSame(spanLimits(), { attributeCountLimit: 7, attributeValueLengthLimit: 8 })
  useEnvironment({ OTEL_ATTRIBUTE_COUNT_LIMIT: '7', OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '1' })
  t.strictSame(spanLimits(), { attributeCountLimit: 1 })
})

t.test('what is no number, or below 0, is ignored', async t => {
  useEnvironment({ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: 'many', OTEL_SPAN_EVENT_COUNT_LIMIT: '-1' })
  t.strictSame(spanLimits(), {})
})
