import { describe, expect, it } from 'vitest'
import { echoStatement, verifyEchoCertificate } from '../../src/broadcast/echo-certificate.ts'
import { SignedEcho } from '../../src/broadcast/signed-echo.ts'
import { byzantineQuorum, byzantineResilience } from '../../src/core/quorum.ts'
import type { Certificate } from '../../src/exchange/certificate.ts'
import { BroadcastSolo, digestOf, payload } from './solo.ts'

const PATH = 'signed-echo'
const m = payload('m')
const other = payload('other')

function solo(n: number, self: number, disk?: Map<string, Uint8Array>) {
  return new BroadcastSolo(n, self, (env, ports, up) => new SignedEcho(env, PATH, ports, {}, up), disk)
}
type S = ReturnType<typeof solo>

/** What `signer` signs when it echoes `bytes` as broadcast `sequence` of `sender`. */
function sign(n: number, signer: number, sender: number, sequence = 0, bytes = m): Uint8Array {
  const { env, group } = solo(n, signer)
  return env.crypto.sign(
    echoStatement.bytes(group, PATH, signer, { sender, sequence, digest: digestOf(bytes) })
  )
}

const certify = (n: number, sender: number, bytes = m, sequence = 0): Certificate =>
  Array.from({ length: byzantineQuorum(n, byzantineResilience(n)) }, (_, signer) => ({
    signer,
    signature: sign(n, signer, sender, sequence, bytes)
  }))

const send = (p: S, from: number, bytes = m) =>
  p.receive(from, PATH, { type: 'SEND', sequence: 0, payload: bytes })
const echo = (p: S, from: number, signature: Uint8Array, bytes = m) =>
  p.receive(from, PATH, { type: 'ECHO', sequence: 0, digest: digestOf(bytes), signature })
const final = (p: S, from: number, certificate: Certificate, bytes = m) =>
  p.receive(from, PATH, { type: 'FINAL', sequence: 0, digest: digestOf(bytes), certificate })

describe.each([4, 5, 6, 7])('Algorithm 3.17, signed echo, n = %i', (n) => {
  const quorum = byzantineQuorum(n, byzantineResilience(n))
  const others = Array.from({ length: n - 1 }, (_, i) => i + 1)

  it('upon SEND: signs once, for the sender alone', () => {
    const p = solo(n, 0)
    p.sessions(PATH)
    send(p, 1)
    send(p, 1)
    expect(p.sentOf('ECHO')).toMatchObject([{ to: 1, message: { signature: sign(n, 0, 1) } }])
  })

  it('the sender sends FINAL at more than (n+f)/2 valid ECHOs, its own included, and not one earlier', () => {
    const p = solo(n, 0)
    p.sessions(PATH)
    p.do((component) => component.broadcast(m))
    for (const from of others.slice(0, quorum - 2)) echo(p, from, sign(n, from, 0))
    expect(p.sentOf('FINAL')).toEqual([])
    echo(p, others[quorum - 2] as number, sign(n, others[quorum - 2] as number, 0))
    expect(p.sentOf('FINAL').map(({ to }) => to)).toEqual(others)
    expect(p.delivered).toEqual([{ sender: 0, sequence: 0, payload: m }])
  })

  it('delivers upon FINAL with a quorum of valid signatures', () => {
    const p = solo(n, 0)
    p.sessions(PATH)
    send(p, 1)
    final(p, 1, certify(n, 1))
    expect(p.delivered).toEqual([{ sender: 1, sequence: 0, payload: m }])
    expect(p.component.certificate(1, 0)).toEqual(certify(n, 1))
  })
})

describe('ECHOs', () => {
  it.each([
    ['an absent-minded signature', () => new Uint8Array(64)],
    ["another member's signature", () => sign(4, 2, 0)],
    ['a signature over another payload', () => sign(4, 1, 0, 0, other)],
    ['a signature for another sender', () => sign(4, 1, 2)],
    ['a signature for another sequence', () => sign(4, 1, 0, 1)]
  ])('%s is not counted, and names who sent it', (_, signature) => {
    const p = solo(4, 0)
    p.sessions(PATH)
    p.do((component) => component.broadcast(m))
    echo(p, 1, signature())
    echo(p, 2, sign(4, 2, 0))
    expect(p.sentOf('FINAL')).toEqual([])
    expect(p.faults).toMatchObject([{ process: 1, kind: 'invalid-signature', certainty: 'certain' }])
  })

  it('of one member are counted once', () => {
    const p = solo(4, 0)
    p.sessions(PATH)
    p.do((component) => component.broadcast(m))
    for (let i = 0; i < 5; i++) echo(p, 1, sign(4, 1, 0))
    expect(p.sentOf('FINAL')).toEqual([])
  })

  it('for what was never sent name who sent them', () => {
    const p = solo(4, 0)
    p.sessions(PATH)
    echo(p, 1, sign(4, 1, 0))
    expect(p.faults).toMatchObject([{ process: 1, kind: 'protocol-violation', certainty: 'certain' }])
  })
})

describe('a sender is named, for certain and once, by whoever has', () => {
  it.each([
    ['two SENDs of it', (p: S) => send(p, 1), (p: S) => send(p, 1, other)],
    [
      'its SEND, and a certificate for another payload',
      (p: S) => send(p, 1, other),
      (p: S) => final(p, 1, certify(4, 1))
    ],
    [
      'a certificate of it, and a SEND of another payload',
      (p: S) => final(p, 1, certify(4, 1)),
      (p: S) => send(p, 1, other)
    ]
  ])('%s', (_, first, second) => {
    const p = solo(4, 0)
    p.sessions(PATH)
    first(p)
    expect(p.faults).toEqual([])
    for (let time = 0; time < 2; time++) second(p)
    expect(p.faults).toMatchObject([{ process: 1, kind: 'equivocation', certainty: 'certain' }])
    expect(p.faults).toHaveLength(1)
  })
})

it('a payload against a certificate that is here already is not echoed, and its sender is named', () => {
  const p = solo(4, 0)
  p.sessions(PATH)
  final(p, 1, certify(4, 1))
  send(p, 1, other)
  expect(p.sentOf('ECHO')).toEqual([])
  expect(p.faults).toMatchObject([{ process: 1, kind: 'equivocation', certainty: 'certain' }])
  // What the certificate is of is delivered, and echoed as ever.
  send(p, 1)
  expect(p.delivered).toEqual([{ sender: 1, sequence: 0, payload: m }])
})

describe('certificates', () => {
  const { env, group } = solo(4, 3)
  const instance = { sender: 1, sequence: 0, digest: digestOf(m) }
  const holds = (certificate: Certificate, of = instance) =>
    verifyEchoCertificate(env.crypto, group, PATH, of, certificate)
  const good = certify(4, 1)

  it('are transferable: whoever has the public keys can check them', () => {
    expect(holds(good)).toBe(true)
  })

  it.each<[string, Certificate]>([
    ['one signature short of a quorum', good.slice(1)],
    ['the same voter twice', [...good.slice(0, 1), ...good.slice(0, 1), ...good.slice(1, 2)]],
    ['in another order', [...good].reverse()],
    ['a vote of a non-member', [...good.slice(0, 2), { signer: 4, signature: good[0]?.signature ?? m }]],
    [
      'a claimed signer that did not sign',
      [...good.slice(0, 2), { signer: 3, signature: good[2]?.signature ?? m }]
    ],
    [
      'one signature of another payload',
      [...good.slice(0, 2), { signer: 2, signature: sign(4, 2, 1, 0, other) }]
    ],
    ['more than a quorum', [...good, { signer: 3, signature: sign(4, 3, 1) }]],
    ['none', []]
  ])('%s proves nothing', (_, certificate) => {
    expect(holds(certificate)).toBe(false)
  })

  it('prove one instance of one group and component, and no other', () => {
    expect(holds(good, { ...instance, sequence: 1 })).toBe(false)
    expect(holds(good, { ...instance, sender: 2 })).toBe(false)
    expect(holds(good, { ...instance, digest: digestOf(other) })).toBe(false)
    expect(verifyEchoCertificate(env.crypto, group, 'another', instance, good)).toBe(false)
    expect(
      verifyEchoCertificate(env.crypto, { ...group, id: new Uint8Array(32).fill(1) }, PATH, instance, good)
    ).toBe(false)
    expect(verifyEchoCertificate(env.crypto, { ...group, epoch: 1 }, PATH, instance, good)).toBe(false)
  })

  it('a FINAL that proves nothing delivers nothing and is certain (known failure 3)', () => {
    const p = solo(4, 0)
    p.sessions(PATH)
    send(p, 1)
    final(p, 1, certify(4, 1, other))
    expect(p.delivered).toEqual([])
    expect(p.faults).toMatchObject([{ process: 1, kind: 'invalid-signature', certainty: 'certain' }])
  })

  it("another sender's certificate is no FINAL of one's own", () => {
    const p = solo(4, 0)
    p.sessions(PATH)
    send(p, 2)
    final(p, 2, certify(4, 1))
    expect(p.delivered).toEqual([])
  })
})

describe('payloads and equivocation', () => {
  it('a member with another payload, or none, pulls the certified one from those who signed', () => {
    const p = solo(4, 3)
    p.sessions(PATH)
    send(p, 1, other)
    final(p, 1, certify(4, 1))
    expect(p.delivered).toEqual([])
    expect(p.faults).toMatchObject([{ process: 1, kind: 'equivocation', certainty: 'certain' }])
    expect(p.sentOf('PULL').map(({ to }) => to)).toEqual([0])
    p.receive(0, `${PATH}/payloads`, { type: 'PAYLOAD', sender: 1, sequence: 0, payload: m })
    expect(p.delivered).toEqual([{ sender: 1, sequence: 0, payload: m }])
  })

  it('asks again at once when the session with whom it asked is new', () => {
    const p = solo(4, 3)
    p.sessions(PATH)
    final(p, 1, certify(4, 1))
    expect(p.sentOf('PULL').map(({ to }) => to)).toEqual([0])
    p.session(PATH, 0)
    expect(p.sentOf('PULL')).toHaveLength(2)
  })

  it('two SENDs are certain', () => {
    const p = solo(4, 0)
    p.sessions(PATH)
    send(p, 1)
    send(p, 1, other)
    expect(p.sentOf('ECHO')).toHaveLength(1)
    expect(p.faults).toMatchObject([{ process: 1, kind: 'equivocation', certainty: 'certain' }])
  })
})

describe('across a crash', () => {
  it('never signs another digest in an instance', () => {
    const p = solo(4, 0)
    p.sessions(PATH)
    send(p, 1)
    const again = solo(4, 0, p.disk)
    again.do((component) => component.restore())
    again.sessions(PATH)
    send(again, 1, other)
    expect(again.sentOf('ECHO')).toEqual([])
    expect(again.faults).toMatchObject([{ process: 1, kind: 'equivocation' }])
  })

  it('the sender goes on collecting, its own signature included', () => {
    const p = solo(4, 0)
    p.do((component) => component.broadcast(m))
    const again = solo(4, 0, p.disk)
    again.do((component) => component.restore())
    again.sessions(PATH)
    echo(again, 1, sign(4, 1, 0))
    echo(again, 2, sign(4, 2, 0))
    expect(again.sentOf('FINAL')).toHaveLength(3)
  })

  it('delivers again with the same certificate what was not acknowledged', () => {
    const p = solo(4, 0)
    p.sessions(PATH)
    send(p, 1)
    final(p, 1, certify(4, 1))
    const again = solo(4, 0, p.disk)
    again.do((component) => component.restore())
    expect(again.delivered).toHaveLength(1)
    expect(again.component.certificate(1, 0)).toEqual(certify(4, 1))
  })
})
