/**
 * What went wrong in systems like this one, as far as no test of a rule shows it by itself: docs/known-failures.md has
 * the list, with its numbers. One member of four hears what the others would say.
 */
import { describe, expect, it, test } from 'vitest'
import {
  acceptStatement,
  checkpointStatement,
  digestOfStart,
  prePrepareStatement
} from '../../../src/consensus/pbft/messages.ts'
import { FIRST_STABLE } from '../../../src/consensus/pbft/progress.ts'
import type { Start } from '../../../src/consensus/pbft/selection.ts'
import { toHex, utf8 } from '../../../src/core/bytes.ts'
import { createGroup } from '../../../src/core/group.ts'
import { nobleBackend } from '../../../src/crypto/index.ts'
import { Solo, soloKey } from '../../../src/laboratory/solo.ts'
import { COMMANDS, isSigned, readEnvelope, signEnvelope } from '../../../src/replication/envelopes.ts'
import { Replica } from '../../../src/replication/replica.ts'
import { symbolicCrypto } from '../../../src/simulator/symbolic-crypto.ts'
import {
  batchOf,
  certified,
  change,
  group,
  NOTHING,
  newView,
  oneMember,
  PATH,
  proposal,
  request,
  signer,
  stable,
  status,
  vote
} from './one-member.ts'

const A = batchOf(request(1, 1, 'a'))
const B = batchOf(request(2, 1, 'b'))
const FAR = 2 ** 40

function member(self = 3) {
  const one = oneMember(self)
  one.start()
  return one
}
type One = ReturnType<typeof member>

const named = ({ p }: One) => p.faults.map(({ process, kind }) => `${process}: ${kind}`)
const altered = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))

describe('known failure 1: a request that is valid for the primary and for no backup', () => {
  const good = request(1, 1, 'a')
  /** Whether a member would order it, and whether another one would vote for it. */
  const judged = (envelope: Uint8Array) => {
    const primary = member(0)
    primary.p.receive(1, 'replica', { type: 'REQUEST', envelope })
    const backup = member(3)
    backup.p.receive(0, PATH, proposal(0, 1, batchOf(envelope)))
    return [primary, backup].map(({ p }, at) => p.sentOf(at === 0 ? 'PRE-PREPARE' : 'PREPARE').length > 0)
  }

  it('is none: one is proposed, and voted for', () => expect(judged(good)).toEqual([true, true]))

  it('with any byte altered it is neither', () => {
    for (let at = 0; at < good.length; at++)
      expect([at, ...judged(altered(good, at))]).toEqual([at, false, false])
  })

  it('whose key is on nobody’s list is valid: that is in the bytes alone, and the same at all members', () => {
    const seed = new Uint8Array(32).fill(9)
    const client = nobleBackend.publicKey(seed)
    const { sha256: hash } = nobleBackend
    const sign = nobleBackend.signer(seed)
    const said = { kind: COMMANDS, client, session: FAR, first: 1, acknowledged: 0, commands: [utf8('a')] }
    const crypto = { hash, sign } as Parameters<typeof signEnvelope>[0]['crypto']
    const read = (encoded: Uint8Array) => readEnvelope({ hash }, encoded, 4)!
    const verdicts = { verifyBy: nobleBackend.verify.bind(nobleBackend) }
    const encoded = signEnvelope({ crypto, group }, 'replica', said)
    for (const clients of [[], [soloKey(4)], [client]]) {
      const listed = createGroup({ id: group.id, f: 1, publicKeys: group.publicKeys, clients })
      expect(isSigned(verdicts, { crypto, group: listed }, 'replica', read(encoded))).toBe(true)
      const broken = { ...read(encoded), first: 2 }
      expect(isSigned(verdicts, { crypto, group: listed }, 'replica', broken)).toBe(false)
    }
  })
})

describe('known failure 2: a signature for one thing shown for another', () => {
  const digest = A.digest
  const { crypto } = signer(1)
  const otherGroup = createGroup({
    id: utf8('another group of these 4 members'),
    f: 1,
    publicKeys: group.publicKeys
  })
  const otherEpoch = { ...group, epoch: 1 }
  const said = { sequence: 2, digest }
  const checkpoint = (statement: Uint8Array) => {
    const one = member()
    one.p.receive(1, PATH, { type: 'CHECKPOINT', ...said, signature: crypto.sign(statement) })
    return named(one)
  }

  it('control: that of the very CHECKPOINT is taken', () =>
    expect(checkpoint(checkpointStatement.bytes(group, PATH, 1, said))).toEqual([]))

  it.each([
    ['an ACCEPT of the same number and digest', acceptStatement.bytes(group, PATH, 1, { view: 2, digest })],
    ['a PRE-PREPARE', prePrepareStatement.bytes(group, PATH, 1, { view: 2, sequence: 2, digest })],
    ['another group of the same members', checkpointStatement.bytes(otherGroup, PATH, 1, said)],
    ['another epoch', checkpointStatement.bytes(otherEpoch, PATH, 1, said)],
    ['another component', checkpointStatement.bytes(group, 'other/agreement', 1, said)],
    ['another signer', checkpointStatement.bytes(group, PATH, 2, said)],
    ['another number', checkpointStatement.bytes(group, PATH, 1, { ...said, sequence: 4 })],
    ['another digest', checkpointStatement.bytes(group, PATH, 1, { ...said, digest: B.digest })]
  ])('that of %s is not', (_, statement) => expect(checkpoint(statement)).toEqual(['1: invalid-signature']))

  it('votes of one kind are none of another, nor of another number', () => {
    const one = member()
    one.p.receive(0, PATH, proposal(0, 1, A))
    for (const from of [1, 2]) one.p.receive(from, PATH, vote('COMMIT', 0, 1, digest))
    for (const from of [1, 2]) one.p.receive(from, PATH, vote('PREPARE', 0, 2, digest))
    // Two COMMITs are no PREPAREs: it is not prepared, so this member's own COMMIT is lacking.
    expect(one.p.sentOf('COMMIT')).toEqual([])
    expect(one.executed).toEqual([])
  })
})

describe('known failures 3 and 14: a certificate that is none', () => {
  const start: Start = { view: 1, stable: FIRST_STABLE, selected: [A.digest] }
  const good = { STABLE: stable(2, A.digest, [0, 1, 2]), START: certified(start, [0, 1, 2]) }
  type Made = (typeof good)[keyof typeof good]
  const shown = (message: Made) => {
    const one = member()
    one.p.receive(2, PATH, message)
    return [
      ...named(one),
      ...(one.p.landmarks.includes('stable') ? ['stable'] : []),
      ...one.views.map(String)
    ]
  }

  it('control: of a quorum it is one', () => {
    expect(shown(good.STABLE)).toEqual(['stable'])
    expect(shown(good.START)).toEqual(['1'])
  })

  describe.each(Object.entries(good))('%s', (type, message) => {
    const [first, second, third] = message.certificate as [Signed, Signed, Signed]
    type Signed = (typeof message.certificate)[number]
    const others =
      type === 'STABLE'
        ? certified(start, [0, 1, 2])
        : stable(1, digestOfStart(signer(0).crypto, start), [0, 1, 2])
    it.each([
      ['of nobody', []],
      ['of one', [first]],
      ['of f + 1', [first, second]],
      ['of f + 1, one of them twice', [first, second, second]],
      ['in which one has signed for another', [first, second, { ...third, signature: second.signature }]],
      [
        'in which one has signed something else',
        [first, second, { ...third, signature: others.certificate[2]!.signature }]
      ],
      [
        'in which one signature is altered',
        [first, second, { ...third, signature: altered(third.signature, 0) }]
      ],
      ['in which somebody has signed who is no member', [first, second, { ...third, signer: 4 }]]
    ])('%s', (_, certificate) =>
      expect(shown({ ...message, certificate } as Made)).toEqual(['2: invalid-signature'])
    )
  })

  test('CHECKPOINTs of f + 1 make none stable, and those of a quorum do', () => {
    const one = member()
    for (const by of [0, 1]) one.p.receive(by, PATH, checkpointOf(by, A.digest))
    expect(one.p.landmarks).not.toContain('stable')
    one.p.receive(2, PATH, checkpointOf(2, A.digest))
    expect(one.p.landmarks).toContain('stable')
  })

  test('CHECKPOINTs of another digest make none stable', () => {
    const one = member()
    one.p.receive(0, PATH, { ...checkpointOf(0, A.digest) })
    one.p.receive(1, PATH, { ...checkpointOf(1, A.digest) })
    one.p.receive(2, PATH, { ...checkpointOf(2, B.digest) })
    expect(one.p.landmarks).not.toContain('stable')
    expect(named(one)).toEqual([])
  })

  test('a member that is behind what is stable is told so, though the group is idle', () => {
    const one = member()
    one.p.receive(2, PATH, good.STABLE)
    const before = one.p.sent.length
    one.p.receive(1, PATH, status())
    expect(one.p.sent.slice(before).map(({ to, message }) => `${message.type} to ${to}`)).toContain(
      'STABLE to 1'
    )
  })
})

describe('known failures 5 and 15: a NEW-VIEW that its VIEW-CHANGEs do not give', () => {
  const voted = [{ sequence: 1, digest: A.digest, prepared: true }]
  const changes = [change(0, 1, voted), change(1, 1, voted), change(2, 1)] as const
  const right: Start = { view: 1, stable: FIRST_STABLE, selected: [A.digest] }
  const hears = (message: ReturnType<typeof newView>) => {
    const one = member()
    one.p.receive(1, `${PATH}/batches`, { type: 'BATCH', digest: A.digest, batch: A.batch })
    one.p.receive(0, PATH, proposal(0, 1, A))
    for (const from of [0, 2] as const) one.p.receive(from, PATH, changes[from])
    one.p.receive(1, PATH, message)
    return { accepted: one.p.sentOf('ACCEPT').length, named: named(one) }
  }

  it('control: what follows is accepted', () =>
    expect(hears(newView(right, ...changes))).toEqual({ accepted: 3, named: [] }))

  it.each<[string, ReturnType<typeof newView>]>([
    ['leaves out what may have been committed', newView({ ...right, selected: [] }, ...changes)],
    ['puts another batch in its place', newView({ ...right, selected: [B.digest] }, ...changes)],
    ['goes on after it', newView({ ...right, selected: [A.digest, B.digest] }, ...changes)],
    [
      'begins after what nobody has',
      newView({ ...right, stable: { sequence: 2, digest: A.digest }, selected: [] }, ...changes)
    ],
    ['is of another view than its start', { ...newView({ ...right, view: 5 }, ...changes), view: 1 }],
    ['is of fewer than a quorum', newView(right, changes[0], changes[1])],
    ['counts one of them twice', newView(right, changes[0], changes[1], changes[1])],
    ['counts those of another view', newView(right, changes[0], changes[1], change(2, 5))]
  ])('%s', (_, message) => {
    const { accepted, named } = hears(message)
    expect(accepted).toBe(0)
    expect(named).toEqual([expect.stringMatching(/^1: /)])
  })
})

describe('known failure 12: numbers that are far ahead', () => {
  const startAt = (view: number): Start => ({ view, stable: FIRST_STABLE, selected: [] })
  type Message = Parameters<One['p']['receive']>[2]
  // The member that speaks is primary of each fourth view.
  it.each<[string, (far: number) => Message]>([
    ['proposals', (far) => proposal(0, far, A)],
    ['proposals of views', (far) => proposal(far, 1, A, 0)],
    ['votes', (far) => vote('PREPARE', 0, far, A.digest)],
    ['votes of views', (far) => vote('COMMIT', far, 1, A.digest)],
    ['what was executed', (far) => ({ type: 'COMMITTED', sequence: far, digest: A.digest })],
    ['checkpoints', (far) => checkpointOf(0, A.digest, far)],
    ['statuses', (far) => status({ target: far, stable: far, executed: far })],
    ['views that one wants', (far) => change(0, far)],
    ['views that nobody wants', (far) => newView(startAt(far), change(0, far))]
  ])('%s: nothing is left, joined, or kept of them but the last', (_, message) => {
    const one = member()
    const sizes = [0, 1, 100].map((times) => {
      for (let at = 1; at <= times; at++) one.p.receive(0, PATH, message(FAR + 4 * (times + at)))
      return JSON.stringify(one.p.component.agreement?.state()).length
    })
    expect(sizes[2]).toBe(sizes[1])
    expect(one.p.sentOf('VIEW-CHANGE')).toEqual([])
    expect(one.views).toEqual([])
  })

  it('the horizon splits nobody: who has come further says so, and is told again what it dropped', () => {
    const one = member()
    // Numbers up to four are open; what comes of the fifth is dropped.
    one.p.receive(0, PATH, proposal(0, 5, A))
    expect(one.p.sentOf('PREPARE')).toEqual([])
    const before = one.p.sent.length
    one.p.receive(1, PATH, stable(2, A.digest, [0, 1, 2]))
    const said = one.p.sent.slice(before).filter(({ message }) => message.type === 'STATUS')
    expect(said.map(({ to, message }) => [to, message.stable])).toEqual([
      [0, 2],
      [1, 2],
      [2, 2]
    ])
    // A primary that hears it proposes again; so the vote is not lost.
    one.p.receive(0, PATH, proposal(0, 5, A))
    expect(one.p.sentOf('PREPARE')).toHaveLength(3)
  })

  it('and who hears of a window that has moved tells its votes again', () => {
    const one = member()
    one.p.receive(0, PATH, proposal(0, 4, A))
    one.p.receive(1, PATH, status())
    const before = one.p.sent.length
    one.p.receive(1, PATH, status({ stable: 2 }))
    expect(one.p.sent.slice(before).map(({ to, message }) => `${message.type} to ${to}`)).toContain(
      'PREPARE to 1'
    )
  })
})

describe('known failure 13: a lone request that waits for others to fill its batch', () => {
  it('does not: it is proposed in the turn in which it comes', () => {
    const one = member(0)
    one.p.receive(1, 'replica', { type: 'REQUEST', envelope: request(1, 1, 'a') })
    expect(one.p.sentOf('PRE-PREPARE')).toHaveLength(3)
  })

  it('and what came meanwhile is, when the first is executed', () => {
    const one = member(0)
    for (const number of [1, 2])
      one.p.receive(1, 'replica', { type: 'REQUEST', envelope: request(1, number, 'a') })
    const [first] = one.p.sentOf('PRE-PREPARE')
    const { digest } = first!.message as unknown as { digest: Uint8Array }
    for (const type of ['PREPARE', 'COMMIT'] as const)
      for (const from of [1, 2]) one.p.receive(from, PATH, vote(type, 0, 1, digest))
    expect(one.executed).toHaveLength(1)
    expect(one.p.sentOf('PRE-PREPARE')).toHaveLength(6)
  })
})

describe('known failure 10: 2f + 1 where a quorum is meant, which is more', () => {
  const six = createGroup({ id: new Uint8Array(32), f: 1, publicKeys: [0, 1, 2, 3, 4, 5].map(soloKey) })
  function oneOfSix() {
    let executed = 0
    const p = new Solo({
      members: 6,
      self: 5,
      make: (env, ports) =>
        new Replica(
          env,
          'replica',
          ports,
          {},
          { apply: (command) => command },
          {
            execute: () => void executed++,
            checkpoint() {},
            stable() {},
            install() {},
            view() {}
          }
        )
    })
    p.do((replica) => replica.restore())
    for (const peer of [0, 1, 2, 3, 4]) p.startSession(peer)
    const said = { view: 0, sequence: 1, digest: NOTHING }
    const { sign } = symbolicCrypto(six, 1, nobleBackend.sha256)(0)
    const signature = sign(prePrepareStatement.bytes(six, PATH, 0, said))
    p.receive(0, PATH, { type: 'PRE-PREPARE', ...said, batch: null, signature })
    const says = (type: 'PREPARE' | 'COMMIT', ...from: number[]) => {
      for (const one of from) p.receive(one, PATH, { type, ...said })
    }
    return { p, says, executed: () => executed }
  }

  it('three of six members prepare nothing, and four do', () => {
    const { p, says } = oneOfSix()
    says('PREPARE', 1)
    expect(p.sentOf('COMMIT')).toEqual([])
    says('PREPARE', 2)
    expect(p.sentOf('COMMIT')).toHaveLength(5)
  })

  it('three of six members commit nothing, and four do', () => {
    const { says, executed } = oneOfSix()
    says('PREPARE', 1, 2)
    says('COMMIT', 1, 2)
    expect(executed()).toBe(0)
    says('COMMIT', 3)
    expect(executed()).toBe(1)
  })
})

describe('known failure 16: a view that fewer than a quorum begin', () => {
  const start: Start = { view: 1, stable: FIRST_STABLE, selected: [NOTHING] }
  const accepted = (by: number) => {
    const said = { view: 1, digest: digestOfStart(signer(by).crypto, start) }
    return {
      type: 'ACCEPT',
      ...said,
      signature: signer(by).crypto.sign(acceptStatement.bytes(group, PATH, by, said))
    } as const
  }
  const voted = [{ sequence: 1, digest: NOTHING, prepared: true }]

  it('f + 1 that accept its start do not begin it, and a quorum does', () => {
    const one = member()
    const changes = [change(0, 1, voted), change(1, 1, voted), change(2, 1)] as const
    for (const from of [0, 2] as const) one.p.receive(from, PATH, changes[from])
    one.p.receive(1, PATH, newView(start, ...changes))
    expect(one.p.sentOf('ACCEPT')).toHaveLength(3)
    one.p.receive(1, PATH, accepted(1))
    expect(one.views).toEqual([])
    one.p.receive(2, PATH, accepted(2))
    expect(one.views).toEqual([1])
  })

  it('who is still in the view before is shown how this one began', () => {
    const one = member()
    one.p.receive(2, PATH, certified(start, [0, 1, 2]))
    const before = one.p.sent.length
    one.p.receive(1, PATH, status())
    expect(one.p.sent.slice(before).map(({ to, message }) => `${message.type} to ${to}`)).toContain(
      'START to 1'
    )
  })
})

describe('known failure 18: a restart that forgets what it has said', () => {
  it('a primary goes on after the numbers that an earlier life has proposed', () => {
    const asks = (one: One, ...numbers: number[]) => {
      for (const number of numbers)
        one.p.receive(1, 'replica', { type: 'REQUEST', envelope: request(1, number, 'a') })
    }
    const one = member(0)
    asks(one, 1)
    const again = oneMember(0, one.p.disk, 2)
    again.start()
    // As many as make a batch, so that they do not wait for what is under way.
    asks(again, 2, 3, 4, 5)
    const proposed = [one, again].flatMap(({ p }) => p.sentOf('PRE-PREPARE').map(({ message }) => message))
    const numbers = new Map(proposed.map(({ sequence, digest }) => [toHex(digest as Uint8Array), sequence]))
    expect([...numbers.values()]).toEqual([1, 2])
  })
})

function checkpointOf(by: number, digest: Uint8Array, sequence = 2) {
  const said = { sequence, digest }
  const signature = signer(by).crypto.sign(checkpointStatement.bytes(group, PATH, by, said))
  return { type: 'CHECKPOINT', ...said, signature } as const
}
