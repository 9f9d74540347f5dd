import { describe, expect, it } from 'vitest'
import { AuthenticatedEcho } from '../../src/broadcast/authenticated-echo.ts'
import { byzantineQuorum, byzantineResilience } from '../../src/core/quorum.ts'
import { BroadcastSolo, digestOf, payload } from './solo.ts'

const PATH = 'authenticated-echo'
const SENDER = 1
const m = payload('m')
const other = payload('other')

function solo(n: number, disk?: Map<string, Uint8Array>) {
  return new BroadcastSolo(n, 0, (env, ports, up) => new AuthenticatedEcho(env, PATH, ports, {}, up), disk)
}
type S = ReturnType<typeof solo>

const send = (p: S, bytes = m) => p.receive(SENDER, PATH, { type: 'SEND', sequence: 0, payload: bytes })
const echo = (p: S, from: number, bytes = m) =>
  p.receive(from, PATH, { type: 'ECHO', sender: SENDER, sequence: 0, digest: digestOf(bytes) })

describe.each([4, 5, 6, 7])('Algorithm 3.16, authenticated echo, n = %i', (n) => {
  const others = Array.from({ length: n - 1 }, (_, i) => i + 1)
  const quorum = byzantineQuorum(n, byzantineResilience(n))

  it('upon SEND from the sender: echoes to all, once', () => {
    const p = solo(n)
    p.sessions(PATH)
    send(p)
    send(p)
    expect(p.sentOf('ECHO').map(({ to }) => to)).toEqual(others)
  })

  it('delivers at more than (n+f)/2 ECHOs, its own included, and not one earlier', () => {
    const p = solo(n)
    p.sessions(PATH)
    send(p)
    for (const from of others.slice(0, quorum - 2)) echo(p, from)
    expect(p.delivered).toEqual([])
    echo(p, others[quorum - 2] as number)
    expect(p.delivered).toEqual([{ sender: SENDER, sequence: 0, payload: m }])
    for (const from of others) echo(p, from)
    expect(p.delivered).toHaveLength(1)
  })

  it('counts one vote of each member and does not add up different digests', () => {
    const p = solo(n)
    p.sessions(PATH)
    send(p)
    for (let i = 0; i < 10; i++) echo(p, 2)
    for (const from of others.slice(2)) echo(p, from, payload(`m${from}`))
    expect(p.delivered).toEqual([])
  })
})

it('pulls the payload of a quorum that it did not get from the sender', () => {
  const p = solo(4)
  p.sessions(PATH)
  for (const from of [1, 2, 3]) echo(p, from)
  expect(p.sentOf('PULL').map(({ to }) => to)).toEqual([1])
  p.receive(1, `${PATH}/payloads`, { type: 'PAYLOAD', sender: SENDER, sequence: 0, payload: m })
  expect(p.delivered).toEqual([{ sender: SENDER, sequence: 0, payload: m }])
})

it('echoes what it delivers without having seen the SEND: its vote may be the one that another waits for', () => {
  // The instance ends with its delivery: a SEND that comes later is not admitted, and would be echoed never.
  const p = solo(4)
  p.sessions(PATH)
  for (const from of [1, 2, 3]) echo(p, from)
  p.receive(1, `${PATH}/payloads`, { type: 'PAYLOAD', sender: SENDER, sequence: 0, payload: m })
  expect(p.sentOf('ECHO').map(({ to }) => to)).toEqual([1, 2, 3])
  send(p)
  send(p, other)
  expect(p.sentOf('ECHO')).toHaveLength(3)
})

it('an equivocating sender and a member that revises its vote are certain', () => {
  const p = solo(4)
  p.sessions(PATH)
  send(p)
  send(p, other)
  echo(p, 2)
  echo(p, 2, other)
  expect(p.faults).toMatchObject([
    { process: SENDER, kind: 'equivocation', certainty: 'certain' },
    { process: 2, kind: 'contradicting-vote', certainty: 'certain' }
  ])
})

it('its own SEND against f+1 ECHOs for another digest is certain, whichever came first', () => {
  for (const order of ['send first', 'echoes first']) {
    const p = solo(4)
    p.sessions(PATH)
    if (order === 'send first') send(p)
    echo(p, 2, other)
    expect(p.faults).toEqual([])
    echo(p, 3, other)
    if (order === 'echoes first') send(p)
    expect(p.faults).toMatchObject([{ process: SENDER, kind: 'equivocation', certainty: 'certain' }])
  }
})

it('does not contradict its ECHO across a crash', () => {
  const p = solo(4)
  p.sessions(PATH)
  send(p)
  const again = solo(4, p.disk)
  again.do((component) => component.restore())
  again.sessions(PATH)
  send(again, other)
  expect(again.sentOf('ECHO')).toEqual([])
  again.session(PATH, 2)
  expect(again.sentOf('ECHO')).toMatchObject([{ to: 2, message: { digest: digestOf(m) } }])
})
