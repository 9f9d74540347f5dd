/** What broadcasts count: bytes of one's own that are under way, and payloads that are asked for. */
import { DoubleEcho } from '../../src/broadcast/double-echo.ts'
import type { ProcessId } from '../../src/core/group.ts'
import { PULLS_OPEN_MAX } from '../../src/exchange/constants.ts'
import { BroadcastSolo, digestOf, payload } from '../broadcast/solo.ts'
import type { Balance } from './balance.ts'

const PATH = 'double-echo'
const OWN = 0
const OTHERS = [1, 2, 3]
const WINDOW = 64
const WINDOW_BYTES = 5000

/** Member 0 of four, whose others vote as the workload says; it may crash. */
class Member {
  #disk = new Map<string, Uint8Array>()
  #solo = this.#life()
  readonly #payloads = new Map<string, Uint8Array>()
  readonly #acknowledged = new Set<string>()
  /** How far f+1 say that they retain nothing of what this member broadcast. */
  #gap = 0

  get solo() {
    return this.#solo
  }

  #life() {
    const solo = new BroadcastSolo(
      4,
      OWN,
      (env, ports, up) =>
        new DoubleEcho(env, PATH, ports, { windowInstances: WINDOW, windowBytesMax: WINDOW_BYTES }, up),
      this.#disk
    )
    solo.do((component) => component.restore())
    solo.sessions(PATH)
    return solo
  }

  crash(): void {
    this.#solo = this.#life()
  }

  /** @returns why not, if not */
  broadcast(bytes: number): string | undefined {
    const own = new Uint8Array(bytes)
    let refusal: string | undefined
    this.#solo.do((component) => {
      try {
        this.#payloads.set(`${OWN}/${component.broadcast(own)}`, own)
      } catch (error) {
        refusal = String(error)
      }
    })
    return refusal
  }

  /** All others vote for it; of another's broadcast this member has not seen more than its digest. */
  agree(sender: ProcessId, sequence: number): void {
    const known = this.#payloads.get(`${sender}/${sequence}`) ?? payload(`${sender}/${sequence}`)
    if (sender === OWN && !this.#payloads.has(`${sender}/${sequence}`)) return
    for (const from of OTHERS)
      this.#solo.receive(from, PATH, { type: 'READY', sender, sequence, digest: digestOf(known) })
  }

  answer(from: ProcessId, sender: ProcessId, sequence: number): void {
    const asked = payload(`${sender}/${sequence}`)
    this.#solo.receive(from, `${PATH}/payloads`, { type: 'PAYLOAD', sender, sequence, payload: asked })
  }

  acknowledge(): void {
    for (const { sender, sequence } of this.#solo.delivered) {
      const name = `${sender}/${sequence}`
      if (this.#acknowledged.has(name)) continue
      this.#acknowledged.add(name)
      this.#solo.do((component) => component.acknowledge(sender, sequence))
    }
  }

  /** f+1 say that they retain no more of the first so many of a sender. */
  skip(sender: ProcessId, count: number): void {
    this.#gap = Math.max(this.#gap, this.base(sender) + count)
    for (const from of [1, 2])
      this.#solo.receive(from, `${PATH}/windows`, { type: 'GAP', sender, retainedFrom: this.#gap })
  }

  base(sender: ProcessId): number {
    return this.#solo.component.base(sender)
  }

  get next(): number {
    return this.#solo.component.nextSequence
  }
}

const refusalAt = (bytes: number) =>
  `WindowFullError: ${bytes} bytes are under way: wait until one broadcast is delivered`

const ownBytes: Balance = {
  name: 'window of own bytes: when all is delivered and taken over it is as wide as ever',
  counts: ['broadcast/numbered-broadcast.ts #ownBytes'],
  runs: 20,
  whole: [undefined, refusalAt(1), undefined, refusalAt(WINDOW_BYTES)],
  begin() {
    const member = new Member()
    return {
      do({ what, much }) {
        if (what % 8 < 3) member.broadcast(much % 1000)
        else if (what % 8 < 5) member.agree(OWN, member.base(OWN) + (much % 4))
        else if (what % 8 === 5) member.acknowledge()
        else if (what % 8 === 6) member.crash()
        else if (much % 4 === 0) member.skip(OWN, much % 3)
      },
      settle() {
        for (let sequence = member.base(OWN); sequence < member.next; sequence++) member.agree(OWN, sequence)
        member.acknowledge()
      },
      left: () => [
        member.broadcast(1),
        member.broadcast(WINDOW_BYTES),
        member.broadcast(WINDOW_BYTES - 1),
        member.broadcast(1)
      ]
    }
  }
}

const questions: Balance = {
  name: 'payloads: when all were handed over, or are not needed, as many may be asked for as ever',
  counts: ['exchange/pulls.ts #open'],
  whole: PULLS_OPEN_MAX,
  begin() {
    const member = new Member()
    // On the whole window: the first of it may be delivered already, and need no question any more.
    const agreeOnAll = () => {
      for (const sender of [1, 2]) {
        const base = member.base(sender)
        for (let sequence = base; sequence < base + WINDOW; sequence++) member.agree(sender, sequence)
      }
    }
    const answerAll = () => {
      for (const sender of [1, 2]) {
        const base = member.base(sender)
        for (let sequence = base; sequence < base + WINDOW; sequence++) member.answer(3, sender, sequence)
      }
      member.acknowledge()
    }
    return {
      do({ what, much }) {
        const sender = 1 + (what % 2)
        const sequence = member.base(sender) + (much % 40)
        if (what % 9 < 4) member.agree(sender, sequence)
        else if (what % 9 < 6) member.answer(1 + (much % 3), sender, sequence)
        else if (what % 9 === 6) member.solo.passTime(much % 700)
        else if (what % 9 === 7) member.solo.session(PATH, 1 + (much % 3))
        else if (much % 4 === 0) member.crash()
        else if (much % 4 === 1) member.skip(sender, much % 3)
      },
      settle: answerAll,
      left() {
        member.solo.sent.length = 0
        agreeOnAll()
        return member.solo.sentOf('PULL').length
      }
    }
  }
}

export const broadcastBalances: readonly Balance[] = [ownBytes, questions]
