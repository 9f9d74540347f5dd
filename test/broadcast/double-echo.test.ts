import { describe, expect, it } from 'vitest'
import { DoubleEcho, type DoubleEchoOptions, sendStatement } from '../../src/broadcast/double-echo.ts'
import { byzantineQuorum, byzantineResilience, correctMajority, oneCorrect } from '../../src/core/quorum.ts'
import { PULLS_OPEN_MAX } from '../../src/exchange/constants.ts'
import { BroadcastSolo, digestOf, payload } from './solo.ts'

const PATH = 'double-echo'
const SENDER = 1
const m = payload('m')
const other = payload('other')

function solo(n: number, options: DoubleEchoOptions = {}, disk?: Map<string, Uint8Array>, self = 0) {
  return new BroadcastSolo(n, self, (env, ports, up) => new DoubleEcho(env, PATH, ports, options, up), disk)
}
type S = ReturnType<typeof solo>

const send = (p: S, bytes = m, sequence = 0, signature: Uint8Array | null = null) =>
  p.receive(SENDER, PATH, { type: 'SEND', sequence, payload: bytes, signature })
const echo = (p: S, from: number, bytes = m, sequence = 0, signature: Uint8Array | null = null) =>
  p.receive(from, PATH, { type: 'ECHO', sender: SENDER, sequence, digest: digestOf(bytes), signature })
const ready = (p: S, from: number, bytes = m, sequence = 0) =>
  p.receive(from, PATH, { type: 'READY', sender: SENDER, sequence, digest: digestOf(bytes) })

describe.each([4, 5, 6, 7])('Algorithm 3.18, authenticated double echo, n = %i', (n) => {
  const f = byzantineResilience(n)
  const others = Array.from({ length: n - 1 }, (_, i) => i + 1)

  it('upon SEND from the sender: echoes to all, once', () => {
    const p = solo(n)
    p.sessions(PATH)
    send(p)
    send(p)
    expect(p.sentOf('ECHO').map(({ to }) => to)).toEqual(others)
    expect(p.sentOf('READY')).toEqual([])
  })

  it('sends READY at more than (n+f)/2 ECHOs, and not one earlier', () => {
    const p = solo(n)
    p.sessions(PATH)
    // Without a SEND this process does not echo itself.
    const quorum = byzantineQuorum(n, f)
    for (const from of others.slice(0, quorum - 1)) echo(p, from)
    expect(p.sentOf('READY')).toEqual([])
    if (quorum > n - 1) send(p)
    else echo(p, others[quorum - 1] as number)
    expect(p.sentOf('READY').map(({ to }) => to)).toEqual(others)
  })

  it('amplifies: sends READY at f+1 READYs, and not one earlier', () => {
    const p = solo(n)
    p.sessions(PATH)
    for (const from of others.slice(0, oneCorrect(n, f) - 1)) ready(p, from)
    expect(p.sentOf('READY')).toEqual([])
    ready(p, others[oneCorrect(n, f) - 1] as number)
    expect(p.sentOf('READY').map(({ to }) => to)).toEqual(others)
    expect(p.landmarks).toContain('ready-amplified')
  })

  it('delivers at 2f+1 READYs, its own included, and not one earlier', () => {
    const p = solo(n)
    p.sessions(PATH)
    send(p)
    // Its own READY is counted as soon as it is sent, at f+1 of the others.
    const needed = correctMajority(n, f) - 1
    for (const from of others.slice(0, needed - 1)) ready(p, from)
    expect(p.delivered).toEqual([])
    ready(p, others[needed - 1] as number)
    expect(p.delivered).toEqual([{ sender: SENDER, sequence: 0, payload: m }])
  })

  it('counts one vote of each member, whatever it repeats', () => {
    const p = solo(n)
    p.sessions(PATH)
    for (let i = 0; i < 3 * n; i++) {
      echo(p, 2)
      ready(p, 2)
    }
    expect(p.sentOf('READY')).toEqual([])
    expect(p.delivered).toEqual([])
    expect(p.faults).toEqual([])
  })

  it('does not add up votes for different digests (known failure 7)', () => {
    const p = solo(n)
    p.sessions(PATH)
    others.forEach((from, index) => {
      echo(p, from, payload(`m${index}`))
      ready(p, from, payload(`m${index}`))
    })
    expect(p.sentOf('READY')).toEqual([])
    expect(p.delivered).toEqual([])
  })

  it('votes once for each instance: no READY for another digest after the first', () => {
    const p = solo(n)
    p.sessions(PATH)
    for (const from of others.slice(0, oneCorrect(n, f))) ready(p, from)
    p.sent.length = 0
    for (const from of others.slice(-oneCorrect(n, f))) ready(p, from, other)
    expect(p.sentOf('READY')).toEqual([])
  })
})

describe('payloads', () => {
  const quorumReady = (p: S) => {
    for (const from of [1, 2, 3]) ready(p, from)
  }

  it('pulls the payload from those who voted, one after the other, and delivers what has the digest', () => {
    const p = solo(4)
    p.sessions(PATH)
    echo(p, 2)
    quorumReady(p)
    expect(p.delivered).toEqual([])
    expect(p.sentOf('PULL').map(({ to }) => to)).toEqual([2])
    p.passTime(600)
    expect(p.sentOf('PULL').map(({ to }) => to)).toEqual([2, 1])
    p.receive(1, `${PATH}/payloads`, { type: 'PAYLOAD', sender: SENDER, sequence: 0, payload: m })
    expect(p.delivered).toEqual([{ sender: SENDER, sequence: 0, payload: m }])
    p.passTime(5000)
    expect(p.sentOf('PULL')).toHaveLength(2)
  })

  it('refuses a payload with another digest, names who handed it over, and goes on asking (known failure 7)', () => {
    const p = solo(4)
    p.sessions(PATH)
    quorumReady(p)
    p.receive(1, `${PATH}/payloads`, { type: 'PAYLOAD', sender: SENDER, sequence: 0, payload: other })
    expect(p.delivered).toEqual([])
    expect(p.faults).toMatchObject([{ process: 1, kind: 'protocol-violation', certainty: 'certain' }])
    p.receive(3, `${PATH}/payloads`, { type: 'PAYLOAD', sender: SENDER, sequence: 0, payload: m })
    expect(p.delivered).toHaveLength(1)
  })

  it('asks for at most PULLS_OPEN_MAX payloads at once; what goes unanswered lets the next one ask', () => {
    const p = solo(4)
    p.sessions(PATH)
    const count = PULLS_OPEN_MAX + 3
    for (let sequence = 0; sequence < count; sequence++) {
      for (const from of [1, 2, 3]) ready(p, from, payload(`m${sequence}`), sequence)
    }
    const asked = () => new Set(p.sentOf('PULL').map(({ message }) => message.sequence))
    expect(p.sentOf('PULL')).toHaveLength(PULLS_OPEN_MAX)
    p.receive(1, `${PATH}/payloads`, { type: 'PAYLOAD', sender: SENDER, sequence: 0, payload: payload('m0') })
    expect(p.delivered).toHaveLength(1)
    expect(p.sentOf('PULL')).toHaveLength(PULLS_OPEN_MAX + 1)
    p.passTime(600)
    expect(asked().size).toBe(count)
    for (let sequence = 1; sequence < count; sequence++) {
      const bytes = payload(`m${sequence}`)
      p.receive(2, `${PATH}/payloads`, { type: 'PAYLOAD', sender: SENDER, sequence, payload: bytes })
    }
    expect(p.delivered).toHaveLength(count)
    p.sent.length = 0
    p.passTime(10_000)
    expect(p.sentOf('PULL')).toEqual([])
  })

  it('hands a payload to a peer once for each session, however often it asks', () => {
    const p = solo(4)
    p.sessions(PATH)
    send(p)
    const pull = () =>
      p.receive(3, `${PATH}/payloads`, { type: 'PULL', sender: SENDER, sequence: 0, digest: digestOf(m) })
    for (let i = 0; i < 10; i++) pull()
    expect(p.sentOf('PAYLOAD')).toHaveLength(1)
    p.session(PATH, 3)
    pull()
    expect(p.sentOf('PAYLOAD')).toHaveLength(2)
  })

  it('delivers what the quorum vouched for, although the sender sent something else here', () => {
    const p = solo(4)
    p.sessions(PATH)
    send(p, other)
    quorumReady(p)
    expect(p.delivered).toEqual([])
    p.receive(2, `${PATH}/payloads`, { type: 'PAYLOAD', sender: SENDER, sequence: 0, payload: m })
    expect(p.delivered).toEqual([{ sender: SENDER, sequence: 0, payload: m }])
  })
})

describe('faults', () => {
  it('a sender of another payload than f+1 members echo is certain to lie, when its SEND comes last', () => {
    for (const members of [4, 5, 6, 7]) {
      const p = solo(members)
      p.sessions(PATH)
      const others = Array.from(
        { length: oneCorrect(members, byzantineResilience(members)) },
        (_, i) => i + 2
      )
      for (const from of others.slice(1)) echo(p, from)
      const [last] = others
      echo(p, last as number)
      expect(p.faults).toEqual([])
      send(p, other)
      expect(p.faults).toMatchObject([{ process: SENDER, kind: 'equivocation', certainty: 'certain' }])
      // Of one fewer, all may lie.
      const fewer = solo(members)
      fewer.sessions(PATH)
      for (const from of others.slice(1)) echo(fewer, from)
      send(fewer, other)
      expect(fewer.faults).toEqual([])
    }
  })

  it('an equivocating sender is certain to whoever got both SENDs (known failure 7)', () => {
    const p = solo(4)
    p.sessions(PATH)
    send(p, m)
    send(p, other)
    expect(p.faults).toMatchObject([{ process: SENDER, kind: 'equivocation', certainty: 'certain' }])
    send(p, payload('third'))
    expect(p.faults).toHaveLength(1)
  })

  it('its own SEND against f+1 ECHOs for another digest is certain; against f of them it is nothing', () => {
    const p = solo(4)
    p.sessions(PATH)
    send(p, m)
    echo(p, 2, other)
    expect(p.faults).toEqual([])
    echo(p, 3, other)
    expect(p.faults).toMatchObject([{ process: SENDER, kind: 'equivocation', certainty: 'certain' }])
  })

  it('a member that revises its vote is certain (known failure 7)', () => {
    const p = solo(4)
    p.sessions(PATH)
    echo(p, 2, m)
    echo(p, 2, other)
    expect(p.faults).toMatchObject([{ process: 2, kind: 'contradicting-vote', certainty: 'certain' }])
  })

  it('signedSend: a SEND without a valid signature is not echoed', () => {
    const p = solo(4, { signedSend: true })
    p.sessions(PATH)
    send(p, m, 0, null)
    expect(p.sentOf('ECHO')).toEqual([])
    expect(p.faults).toMatchObject([{ process: SENDER, kind: 'invalid-signature', certainty: 'certain' }])
  })

  it('signedSend: however many badly signed SENDs come, one signature is verified in an instance', () => {
    let verified = 0
    const p = new BroadcastSolo(4, 0, (env, ports, up) => {
      const verify: typeof env.crypto.verify = (...args) => {
        verified++
        return env.crypto.verify(...args)
      }
      return new DoubleEcho(
        { ...env, crypto: { ...env.crypto, verify } },
        PATH,
        ports,
        { signedSend: true },
        up
      )
    })
    p.sessions(PATH)
    for (let i = 0; i < 50; i++) {
      p.receive(SENDER, PATH, {
        type: 'SEND',
        sequence: 0,
        payload: payload(`m${i}`),
        signature: new Uint8Array(64)
      })
    }
    expect(verified).toBe(1)
    expect(p.faults).toHaveLength(1)
  })

  it('signedSend: two signed SENDs, or one against a signed ECHO, are proof that anybody can check', () => {
    const p = solo(4, { signedSend: true })
    const liar = solo(4, { signedSend: true }, undefined, SENDER)
    const signed = (bytes: Uint8Array) =>
      liar.env.crypto.sign(
        sendStatement.bytes(liar.group, PATH, SENDER, { sequence: 0, digest: digestOf(bytes) })
      )
    p.sessions(PATH)
    send(p, m, 0, signed(m))
    echo(p, 2, other, 0, signed(other))
    expect(p.faults).toMatchObject([{ process: SENDER, kind: 'equivocation', certainty: 'proven' }])
    const { evidence } = p.faults[0] as { evidence: NonNullable<(typeof p.faults)[0]['evidence']> }
    expect(evidence.statements).toHaveLength(2)
    const judge = solo(4, {}, undefined, 3)
    for (const { statement, signature } of evidence.statements) {
      expect(judge.env.crypto.verify(SENDER, statement, signature)).toBe(true)
    }
    expect(evidence.statements[0]?.statement).not.toEqual(evidence.statements[1]?.statement)
  })

  it('signedSend: a conflicting ECHO with a forged signature proves nothing', () => {
    const p = solo(4, { signedSend: true })
    const liar = solo(4, { signedSend: true }, undefined, SENDER)
    const signature = liar.env.crypto.sign(
      sendStatement.bytes(liar.group, PATH, SENDER, { sequence: 0, digest: digestOf(m) })
    )
    p.sessions(PATH)
    send(p, m, 0, signature)
    echo(p, 2, other, 0, signature)
    expect(p.faults).toEqual([])
  })

  it('a sender that is no member is malformed', () => {
    const p = solo(4)
    p.sessions(PATH)
    p.receive(2, PATH, { type: 'READY', sender: 4, sequence: 0, digest: digestOf(m) })
    expect(p.faults).toMatchObject([{ process: 2, kind: 'malformed', certainty: 'certain' }])
  })
})

describe('across a crash', () => {
  it('does not contradict its ECHO: the restarted process says the same again and nothing else', () => {
    const p = solo(4)
    p.sessions(PATH)
    send(p, m)
    const again = solo(4, {}, p.disk)
    again.do((component) => component.restore())
    again.session(PATH, 2)
    expect(again.sentOf('ECHO')).toMatchObject([{ to: 2, message: { digest: digestOf(m) } }])
    again.sent.length = 0
    send(again, other)
    expect(again.sentOf('ECHO')).toEqual([])
  })

  it('does not contradict its READY', () => {
    const p = solo(4)
    p.sessions(PATH)
    ready(p, 2)
    ready(p, 3)
    const again = solo(4, {}, p.disk)
    again.do((component) => component.restore())
    again.sessions(PATH)
    echo(again, 1, other)
    echo(again, 2, other)
    echo(again, 3, other)
    expect(again.sentOf('READY')).toEqual([])
  })

  it('re-sends its own SEND unchanged under the same number, and never uses a number twice', () => {
    const p = solo(4)
    p.do((component) => expect(component.broadcast(m)).toBe(0))
    const again = solo(4, {}, p.disk)
    again.do((component) => component.restore())
    again.session(PATH, 2)
    expect(again.sentOf('SEND')).toMatchObject([{ to: 2, message: { sequence: 0, payload: m } }])
    again.do((component) => expect(component.broadcast(other)).toBe(1))
  })

  it('delivers again what was delivered and not acknowledged, and nothing that was', () => {
    const p = solo(4)
    p.sessions(PATH)
    for (const sequence of [0, 1]) {
      send(p, m, sequence)
      for (const from of [1, 2, 3]) ready(p, from, m, sequence)
    }
    expect(p.delivered).toHaveLength(2)
    p.do((component) => component.acknowledge(SENDER, 1))
    const again = solo(4, {}, p.disk)
    again.do((component) => component.restore())
    expect(again.delivered.map(({ sequence }) => sequence)).toEqual([0])
  })
})
