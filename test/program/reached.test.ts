/** How the members that a client has not reached are named. */
import { expect, it } from 'vitest'
import { reachedText } from '../../src/program/client/reached.ts'

const away = (member: number, reason: string) => ({ member, reason, since: 0, addresses: [] })

it.each([
  [[0, 1, 2, 3], [], '4 of 4 members were reached'],
  [[0, 1, 2], [away(3, 'slow')], '3 of 4 members were reached, not 3 (slow)'],
  [
    [],
    [away(0, 'a'), away(1, 'b'), away(2, 'a'), away(3, 'a')],
    '0 of 4 members were reached, not 0, 2 and 3 (a), 1 (b)'
  ]
])('%j', (connected, unreachable, text) => {
  expect(reachedText({ connected, unreachable, members: 4 })).toBe(text)
})
