import t from 'tap'
import { matchesRoute } from '../../lib/request/route-pattern.ts'

t.test('a text is a method with a route, or a route; never a part of one', async t => {
  t.ok(matchesRoute(['GET /a/:id'], 'GET', '/a/:id'))
  t.ok(matchesRoute(['/a/:id'], 'POST', '/a/:id'))
  t.notOk(matchesRoute(['GET /a'], 'HEAD', '/a'))
  t.notOk(matchesRoute(['/a'], 'GET', '/a/b'))
  t.notOk(matchesRoute([], 'GET', '/a'))
})

t.test('a RegExp that remembers where it stopped is asked from the start', async t => {
  const pattern = /GET/g
  t.ok(matchesRoute([pattern], 'GET', '/a'))
  t.ok(matchesRoute([pattern], 'GET', '/a'))
})
