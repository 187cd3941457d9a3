import fc from 'fast-check'
import t from 'tap'
import { placeOf, urlOf, VIEWS, type Place } from '../../../../lib/dashboard/web/state/location.ts'

const text = fc.string({ minLength: 1 }).map(text => text.toWellFormed()).filter(text => !['__proto__', '.', '..'].includes(text))
const place: fc.Arbitrary<Place> = fc.record({
  view: fc.constantFrom(...VIEWS),
  id: fc.oneof(fc.constant(''), text),
  range: fc.record({ from: fc.constantFrom('-5m', '-7d', '2026-11-21T10:00:00.000Z'), to: fc.constantFrom('now', '2026-11-21T11:00:00.000Z') }),
  service: fc.oneof(fc.constant(''), text),
  live: fc.boolean(),
  theme: fc.constantFrom('system', 'light', 'dark'),
  filters: fc.dictionary(text.filter(name => !['from', 'to', 'service', 'live', 'theme'].includes(name)), text, { maxKeys: 4 })
}).map(place => ['traces', 'runs'].includes(place.view) ? place : { ...place, id: '' })

t.test('an address holds the whole place', async t => {
  fc.assert(fc.property(place, place => {
    const url = new URL(urlOf(place), 'http://127.0.0.1:4318')
    const sorted = ({ filters, ...rest }: Place): string => JSON.stringify([rest.view, rest.id, rest.range.from, rest.range.to, rest.service, rest.live, rest.theme, Object.entries(filters).sort()])
    return sorted(placeOf(url.pathname, url.search)) === sorted(place)
  }))
  t.pass()
})

t.test('what is usual is left out', async t => {
  t.equal(urlOf(placeOf('/', '')), '/')
  t.equal(urlOf(placeOf('/nowhere', '?live=on&theme=pink')), '/')
  t.match(placeOf('/traces/%E0%A4%A', ''), { view: 'traces', id: '%E0%A4%A' }, 'an address that is broken')
})
