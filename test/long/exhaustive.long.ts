/** What takes too long for every run of the tests: the small case in full (`npm run test:long`). */
import { expect, it } from 'vitest'
import { byzkitJson } from '../cli/support.ts'

const words = ['simulate', 'double-echo', '--members', '4', '--byzantine', '1', '--exhaustive']

it('double echo with n = 4 and one liar: ok in each of its states, and there are as many as ever', {
  timeout: 600_000
}, async () => {
  const { seconds, ...result } = await byzkitJson(words)
  expect(seconds).toBeGreaterThan(0)
  expect(result).toEqual({
    protocol: 'double-echo',
    members: 4,
    faults: 1,
    byzantine: 1,
    clients: 0,
    exhaustive: true,
    menu: ['SEND', 'ECHO', 'READY'],
    asks: [],
    timerFirings: 1,
    stops: 0,
    properties: ['no duplication', 'integrity', 'consistency', 'totality', 'accuracy', 'no crash'],
    states: 13_215_604,
    statesWithExchanged: 26_431_207,
    transitions: 52_544_645,
    terminals: 296_094,
    verdict: 'ok',
    violations: []
  })
})
