/** States that travel: who lacks what nobody retains goes on from a state that a quorum has signed. */
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { CHUNKS_ASKED_MAX } from '../../src/exchange/constants.ts'
import { LINK_MESSAGE_BYTES_MAX } from '../../src/links/constants.ts'
import {
  PART_NAME_MAX,
  PARTS_FETCHED_MAX,
  SESSIONS_MAX,
  STATE_BUCKETS
} from '../../src/replication/constants.ts'
import { KeptStates, readParts } from '../../src/replication/kept-states.ts'
import { partListMessages } from '../../src/replication/messages.ts'
import type { StateMachine } from '../../src/replication/state-machine.ts'
import { batchOf, PATH, proposal, stable, status, vote } from '../consensus/pbft/one-member.ts'
import {
  ahead,
  BATCHES,
  CLIENT,
  catchUp,
  command,
  digestAt,
  execute,
  ferry,
  hears,
  type Member,
  member,
  PARTS,
  STATES,
  STUCK_MS
} from './states.ts'

const SELF = 3

const asked = ({ p }: Member, path: string) => p.sentOf('FETCH', path).map(({ to }) => to)
const statusOf = ({ p }: Member) => {
  let status: unknown
  p.do((replica) => {
    status = replica.status()
  })
  return status
}

/** What is told to a client that asks that again. */
function answered({ p }: Member, envelope: Uint8Array) {
  const before = p.sentOf('REPLY').length
  p.receive(CLIENT, 'replica', { type: 'REQUEST', envelope })
  return p
    .sentOf('REPLY')
    .slice(before)
    .map(({ message }) => message.result)
}

/** It has installed the state of the group, by itself. */
function installs(one: Member, group: Member, sequence: number): void {
  hears(one, group, sequence)
  one.p.passTime(STUCK_MS)
  ferry(one, group)
  expect(one.installed).toEqual([sequence])
}

describe('a member behind a stable checkpoint', () => {
  test('asks for its state when nothing was executed for a whole interval, and not before', () => {
    const one = member(SELF)
    hears(one, ahead(4), 4)
    one.p.passTime(1900)
    expect(asked(one, STATES)).toEqual([])
    one.p.passTime(200)
    expect(asked(one, STATES)).toHaveLength(1)
  })

  test('that executes what lies before it asks for no state', () => {
    const one = member(SELF)
    hears(one, ahead(4), 4)
    one.p.passTime(900)
    for (const sequence of [1, 2, 3, 4]) catchUp(one, sequence)
    one.p.passTime(3 * STUCK_MS)
    expect(asked(one, STATES)).toEqual([])
    expect(statusOf(one)).toMatchObject({ executed: 4, stable: 4 })
  })

  test('goes on from the state that it is given: what was executed is not executed again, and is answered (known failure 18)', () => {
    const group = ahead(4)
    const one = member(SELF)
    installs(one, group, 4)
    expect(statusOf(one)).toMatchObject({ executed: 4, stable: 4 })
    expect(answered(one, command(3, 'apples'))).toEqual([Uint8Array.of(2)])
    // Ordered once more, beside a new one: the third of its kind.
    execute(one, 5, [command(3, 'apples'), command(5, 'apples')])
    expect(one.executed.map(({ sequence }) => sequence)).toEqual([5])
    expect(one.executed[0]?.commands.map(({ number, result }) => [number, result])).toEqual([
      [5, Uint8Array.of(3)]
    ])
    execute(group, 5, [command(3, 'apples'), command(5, 'apples')])
    for (const each of [one, group]) execute(each, 6)
    expect(digestAt(one, 6)).toEqual(digestAt(group, 6))
    expect(one.p.faults).toEqual([])
  })

  test('executes at once what was committed above it meanwhile', () => {
    const group = ahead(4)
    const one = member(SELF)
    hears(one, group, 4)
    execute(one, 5)
    expect(one.executed).toEqual([])
    one.p.passTime(STUCK_MS)
    ferry(one, group)
    expect(one.installed).toEqual([4])
    expect(one.executed.map(({ sequence }) => sequence)).toEqual([5])
  })

  test('votes while it fetches (known failure 18)', () => {
    const group = ahead(4)
    const one = member(SELF)
    hears(one, group, 4)
    one.p.passTime(STUCK_MS)
    expect(asked(one, STATES)).not.toEqual([])
    const batch = batchOf(...(BATCHES[4] ?? []))
    one.p.receive(0, PATH, proposal(0, 5, batch))
    expect(one.p.sentOf('PREPARE').map(({ message }) => message.sequence)).toContain(5)
  })

  test('fetches no part that it has on its disk', () => {
    const group = ahead(6)
    const one = member(SELF)
    for (const sequence of [1, 2]) execute(one, sequence)
    one.p.receive(0, PATH, stable(2, digestAt(one, 2), [0, 1, 2]))
    hears(one, group, 6)
    one.p.passTime(STUCK_MS)
    const names: unknown[] = []
    ferry(one, group, (_, message) => {
      if (message.type === 'CHUNK') names.push(message)
      return message
    })
    expect(one.installed).toEqual([6])
    expect(one.p.landmarks).toContain('part-kept')
    // The bucket of the pears alone has not changed: apples, plums and nuts have, and the session and the table.
    expect(names).toHaveLength(5)
  })

  test('fetches a part that its disk has lost, and writes it', () => {
    const group = ahead(6)
    const one = member(SELF)
    for (const sequence of [1, 2]) execute(one, sequence)
    one.p.receive(0, PATH, stable(2, digestAt(one, 2), [0, 1, 2]))
    for (const [key, value] of one.p.disk)
      if (key.startsWith('*') && key.includes('bucket')) one.p.disk.set(key, value.with(8, 255))
    installs(one, group, 6)
    expect(one.p.landmarks).not.toContain('part-kept')
    const again = member(SELF, one.p.disk, 2)
    for (const each of [again, group]) {
      execute(each, 7, [command(7, 'pears')])
      execute(each, 8)
    }
    expect(digestAt(again, 8)).toEqual(digestAt(group, 8))
    expect(answered(again, command(7, 'pears'))).toEqual([Uint8Array.of(2)])
  })

  test('fetches a later state if nobody has the first one any more', () => {
    const group = ahead(4)
    const one = member(SELF)
    hears(one, group, 4)
    one.p.passTime(STUCK_MS)
    for (const sequence of [5, 6]) execute(group, sequence)
    const later = stable(6, digestAt(group, 6), [0, 1, 2])
    // Whoever is asked is silent about the first, and the second becomes stable.
    ferry(one, group, () => undefined)
    one.p.receive(0, PATH, later)
    one.p.passTime(3 * STUCK_MS)
    ferry(one, group)
    expect(one.installed).toEqual([6])
  })

  test('goes on with the first state while that comes, although a later one is stable (known failure 18)', () => {
    const group = ahead(4)
    const one = member(SELF)
    hears(one, group, 4)
    one.p.passTime(STUCK_MS)
    // The list has come, and no part.
    ferry(one, group, (_, message) => (message.type === 'PARTS' ? message : undefined))
    for (const sequence of [5, 6]) execute(group, sequence)
    const digest = digestAt(group, 6)
    for (const each of [one, group]) each.p.receive(0, PATH, stable(6, digest, [0, 1, 2]))
    one.p.passTime(1100)
    // Those who are asked again in a new session give what they keep of it.
    for (const peer of [0, 1, 2]) one.p.startSession(peer)
    ferry(one, group)
    expect(one.installed).toEqual([4])
  })
})

describe('a source that lies', () => {
  /** Whom it asks for the state after that number. */
  function asksLater(one: Member, group: Member, sequence: number): ReadonlySet<number> {
    for (const each of [sequence - 1, sequence]) execute(group, each)
    const digest = digestAt(group, sequence)
    group.p.receive(0, PATH, stable(sequence, digest, [0, 1, 2]))
    hears(one, group, sequence)
    one.p.passTime(STUCK_MS)
    return new Set(ferry(one, group))
  }

  test('about the list is named, and not asked again; another one is (known failure 18)', () => {
    const group = ahead(4)
    const one = member(SELF)
    hears(one, group, 4)
    one.p.passTime(STUCK_MS)
    const [first] = asked(one, STATES)
    ferry(one, group, (by, message) =>
      by === first && message.type === 'PARTS' ? { ...message, partList: utf8('?') } : message
    )
    one.p.passTime(STUCK_MS)
    ferry(one, group)
    expect(one.p.faults).toMatchObject([{ process: first, kind: 'protocol-violation', certainty: 'certain' }])
    expect(one.installed).toEqual([4])
    const others = [0, 1, 2].filter((peer) => peer !== first)
    expect(asksLater(one, group, 6)).toEqual(new Set(others))
    expect(one.installed).toEqual([4, 6])
  })

  test('about a chunk is named, and not asked again; others are', () => {
    const group = ahead(4)
    const one = member(SELF)
    hears(one, group, 4)
    one.p.passTime(STUCK_MS)
    const lies: number[] = []
    ferry(one, group, (by, message) => {
      if (by !== 1 || message.type !== 'CHUNK') return message
      lies.push(by)
      return { ...message, chunk: utf8('?') }
    })
    one.p.passTime(STUCK_MS)
    ferry(one, group)
    expect(lies.length).toBeGreaterThan(0)
    expect(one.p.landmarks).toContain('wrong-chunk-rejected')
    expect(new Set(one.p.faults.map(({ process }) => process))).toEqual(new Set([1]))
    expect(one.installed).toEqual([4])
    expect(answered(one, command(3, 'apples'))).toEqual([Uint8Array.of(2)])
    expect(asksLater(one, group, 6)).toEqual(new Set([0, 2]))
  })

  test('by silence holds nothing up', () => {
    const group = ahead(4)
    const one = member(SELF)
    hears(one, group, 4)
    one.p.passTime(STUCK_MS)
    for (let time = 0; time < 10 && one.installed.length === 0; time++) {
      ferry(one, group, (by, message) => (by === 1 ? undefined : message))
      one.p.passTime(600)
    }
    expect(one.installed).toEqual([4])
    expect(one.p.faults).toEqual([])
  })
})

describe('a crash', () => {
  test('before the state is durable leaves the old one; another life begins anew', () => {
    const group = ahead(4)
    const one = member(SELF)
    hears(one, group, 4)
    one.p.passTime(STUCK_MS)
    const before = new Map(one.p.disk)
    one.p.slow = true
    ferry(one, group)
    const { length } = one.p.sentOf('STATUS')
    const again = member(SELF, before, 2)
    expect(statusOf(again)).toMatchObject({ executed: 0, stable: 4 })
    // Nothing of it was seen either.
    expect(one.p.sentOf('STATUS').slice(length)).toEqual([])
    for (const peer of [0, 1, 2]) again.p.receive(peer, PATH, status({ stable: 4, executed: 4 }))
    again.p.passTime(STUCK_MS)
    ferry(again, group)
    expect(again.installed).toEqual([4])
  })

  test('after it leaves the new one, with its sessions', () => {
    const group = ahead(4)
    const one = member(SELF)
    installs(one, group, 4)
    const again = member(SELF, one.p.disk, 2)
    expect(statusOf(again)).toMatchObject({ executed: 4, stable: 4 })
    expect(answered(again, command(3, 'apples'))).toEqual([Uint8Array.of(2)])
    execute(again, 5)
    expect(again.executed.map(({ sequence }) => sequence)).toEqual([5])
  })
})

describe('whoever is asked', () => {
  const ask = ({ p }: Member, digest: Uint8Array, from = SELF) => {
    const before = p.sentOf('PARTS').length
    p.receive(from, STATES, { type: 'FETCH', digest })
    return p.sentOf('PARTS').length - before
  }

  test('has the states of the last two stable checkpoints, and none before', () => {
    const group = ahead(6)
    expect([2, 4, 6].map((sequence) => ask(group, digestAt(group, sequence)))).toEqual([0, 1, 1])
  })

  test('hands a list over once in a session', () => {
    const group = ahead(4)
    const digest = digestAt(group, 4)
    expect([ask(group, digest), ask(group, digest)]).toEqual([1, 0])
    group.p.startSession(SELF)
    expect(ask(group, digest)).toBe(1)
  })

  test('says of a part that it does not have that it is missing', () => {
    const group = ahead(4)
    const transfer = { life: 1, number: 1 }
    const root = new Uint8Array(32)
    group.p.receive(SELF, PARTS, { type: 'FETCH', transfer, subject: 'sessions', root, index: 0 })
    expect(group.p.sentOf('MISSING', PARTS).map(({ message }) => message.transfer)).toEqual([transfer])
  })
})

test('a vote that came before is not lost: what is committed above a state is', () => {
  const group = ahead(4)
  const one = member(SELF)
  const { digest } = batchOf(...(BATCHES[4] ?? []))
  hears(one, group, 4)
  for (const type of ['PREPARE', 'COMMIT'] as const)
    for (const from of [1, 2]) one.p.receive(from, PATH, vote(type, 0, 5, digest))
  one.p.passTime(STUCK_MS)
  ferry(one, group)
  execute(one, 5)
  expect(one.executed.map(({ sequence }) => sequence)).toEqual([5])
})

describe('a state of many parts', () => {
  const KEYS = 120
  /** Each command is one more in all values. */
  const scattering: StateMachine = {
    apply(_, { state }) {
      for (let key = 0; key < KEYS; key++) {
        const name = Uint8Array.of(key)
        state.set(name, Uint8Array.of((state.get(name)?.[0] ?? 0) + 1))
      }
      return new Uint8Array()
    }
  }

  type Transfer = { readonly parts: number; readonly came: number; readonly open: number }
  function transferOf({ p }: Member): Transfer {
    let transfer: unknown
    p.do((replica) => {
      transfer = (replica.state() as { readonly transfer: unknown }).transfer
    })
    return transfer as Transfer
  }

  test('is fetched a few at once, and a few of each source', () => {
    const group = ahead(4, scattering)
    const one = member(SELF)
    hears(one, group, 4)
    one.p.passTime(STUCK_MS)
    ferry(one, group, (_, message) => (message.type === 'PARTS' ? message : undefined))
    const { parts, came, open } = transferOf(one)
    expect(parts).toBeGreaterThan(2 * PARTS_FETCHED_MAX)
    expect({ came, open }).toEqual({ came: 0, open: PARTS_FETCHED_MAX })
    for (const peer of [0, 1, 2]) one.p.startSession(peer)
    const again = one.p.sentOf('FETCH', PARTS)
    for (const peer of [0, 1, 2]) expect(again.filter(({ to }) => to === peer)).toHaveLength(CHUNKS_ASKED_MAX)
    const whom = ferry(one, group)
    expect(one.installed).toEqual([4])
    // Each part once, and of all of them about as many.
    expect(whom).toHaveLength(parts)
    for (const peer of [0, 1, 2])
      expect(whom.filter((asked) => asked === peer).length).toBeGreaterThan(parts / 6)
  })

  test('is asked for by a list that a message holds, however many parts there are', () => {
    const values = new Map<string, Uint8Array>()
    const store = {
      put: (key: string, value: Uint8Array) => void values.set(key, value),
      delete: (key: string) => void values.delete(key),
      restored: () => [],
      read() {}
    }
    const states = new KeptStates(store, nobleBackend.sha256, (then) => then(), 1)
    const most = STATE_BUCKETS + SESSIONS_MAX + 1
    const names = [...Array(most).keys()].map((index) => `${index}`.padEnd(PART_NAME_MAX, '\u4e00'))
    let digest = new Uint8Array()
    const parts = names.map((name) => [name, () => utf8(name)] as const)
    states.write(2, parts, (whole) => {
      digest = Uint8Array.from(whole)
    })
    const partList = states.listOf(digest) ?? new Uint8Array()
    expect(readParts(partList)).toHaveLength(most)
    const message = { type: 'PARTS', digest, partList } as const
    expect(partListMessages.decode(partListMessages.encode(message))).toEqual(message)
    expect(partListMessages.encode(message).length).toBeLessThan(LINK_MESSAGE_BYTES_MAX)
  })
})
