/** What the links count: windows, what waits, budgets. */
import type { ProcessId } from '../../src/core/group.ts'
import { Budget } from '../../src/links/budget.ts'
import {
  HELD_BYTES_MAX,
  INTAKE_OVERRUN_BYTES_MAX,
  INTAKE_PRESSED_BYTES,
  LINK_FRAMES_IN_FLIGHT,
  PEER_WORK_BURST_US,
  WAITING_MESSAGE_OVERHEAD_BYTES
} from '../../src/links/constants.ts'
import { Intake } from '../../src/links/intake.ts'
import { ReceiveWindow } from '../../src/links/receive-window.ts'
import { SendWindow } from '../../src/links/send-window.ts'
import { StubbornLinks } from '../../src/links/stubborn-links.ts'
import { testEnvironment } from '../core/environment.ts'
import { AuthenticatedCluster } from '../links/authenticated-cluster.ts'
import { Cluster } from '../links/harness.ts'
import { VirtualTime } from '../links/virtual-time.ts'
import type { Balance } from './balance.ts'

const HOUR_MS = 3_600_000

const sendWindow: Balance = {
  name: 'send window: when all is acknowledged nothing is outstanding',
  counts: [
    'links/send-window.ts #queuedBytes',
    'links/send-window.ts #unackedBytes',
    'links/send-window.ts this.#unacked.length'
  ],
  whole: [0, 0, 0],
  begin() {
    const out = new SendWindow()
    const fill = () => {
      for (let batch = out.takeBatch(); batch.length > 0; batch = out.takeBatch())
        out.sent(new Uint8Array(batch.reduce((bytes, { length }) => bytes + length, 40)))
    }
    return {
      do({ what, much }) {
        if (what % 4 < 2) out.append(new Uint8Array(what % 4 === 0 ? much % 300 : much % 70_000))
        else if (what % 4 === 2) fill()
        else out.acknowledge(out.acked + (much % (out.unacked.length + 1)))
      },
      settle() {
        for (fill(); out.unacked.length > 0; fill()) out.acknowledge(out.last)
      },
      left: () => [out.bytes, out.queued, out.unacked.length]
    }
  }
}

const receiveWindow: Balance = {
  name: 'receive window: when all holes are filled nothing waits',
  counts: ['links/receive-window.ts #waitingBytes'],
  whole: [0, []],
  begin() {
    const window = new ReceiveWindow()
    const arrives = (sequence: number, bytes: number) => {
      if (window.admits(sequence, bytes) === 'new') window.accept(sequence, [], bytes, () => {})
    }
    return {
      do: ({ what, much }) => arrives(window.received + (what % (LINK_FRAMES_IN_FLIGHT + 2)), much),
      settle() {
        while (window.waiting.length > 0) arrives(window.received + 1, 7)
      },
      left: () => [window.bytes, window.waiting]
    }
  }
}

const BUDGET = { perSecond: 100_000, burst: 50_000 }

const budget: Balance = {
  name: 'budget of work: once it was spent and time has passed it holds its burst, to the microsecond',
  counts: ['links/budget.ts #left'],
  whole: [false, false, true],
  begin() {
    const time = new VirtualTime()
    const work = new Budget(
      time.clock((handler) => handler()),
      BUDGET
    )
    return {
      do({ what, much }) {
        if (what % 4 === 0) work.spend(much)
        else if (what % 4 === 1) work.earn(much)
        else if (what % 4 === 2) time.advance(much % 2000)
        else if (work.waitMs < 0) throw new Error('nobody waits for less than nothing')
      },
      settle() {
        // What is left does not tell whether it is full: only who has spent it all is given anew.
        while (!work.isSpent) work.spend(BUDGET.burst)
        time.advance(HOUR_MS)
      },
      left() {
        const spent = [work.isSpent]
        for (const microseconds of [BUDGET.burst - 1, 1]) {
          work.spend(microseconds)
          spent.push(work.isSpent)
        }
        return spent
      }
    }
  }
}

const intake: Balance = {
  name: 'intake: when all was handled and is on the disk, as much may wait and be held as ever',
  counts: ['links/intake.ts queue.waitingBytes', 'links/intake.ts queue.heldBytes'],
  whole: [[], false, [false, false], [true, false], [1, 1], [0, 1]],
  begin() {
    const PEER = 1
    const time = new VirtualTime()
    const { env, process } = testEnvironment()
    const clock = time.clock((handler) => process.input(handler))
    const held: number[] = []
    let isPressed = false
    let taken = 0
    const lanes = new Intake(
      { ...env, clock },
      {
        take: () => taken++,
        pressed: (_: ProcessId, pressed: boolean) => {
          isPressed = pressed
        }
      }
    )
    const arrives = (bytes: number) => process.input(() => lanes.arrived(PEER, new Uint8Array(bytes)))
    const hold = (bytes: number) => process.input(() => lanes.held(PEER, bytes))
    const settle = () => {
      for (const bytes of held.splice(0)) hold(-bytes)
      time.advance(HOUR_MS)
    }
    /** Whether as much that has to wait is too much. */
    const presses = (bytes: number) => {
      lanes.charge(PEER, 10 * PEER_WORK_BURST_US)
      arrives(bytes - WAITING_MESSAGE_OVERHEAD_BYTES)
      const pressed = isPressed
      settle()
      return [pressed, isPressed]
    }
    /** Whether a message is taken while so much waits for the disk. */
    const takesBeside = (bytes: number) => {
      const before = taken
      hold(bytes)
      held.push(bytes)
      arrives(1)
      const atOnce = taken - before
      settle()
      return [atOnce, taken - before]
    }
    return {
      do({ what, much }) {
        if (what % 6 < 2) arrives(much)
        else if (what % 6 === 2) {
          hold(much)
          held.push(much)
        } else if (what % 6 === 3) hold(-(held.shift() ?? 0))
        else if (what % 6 === 4) process.input(() => lanes.charge(PEER, much))
        else if (much % 5 === 0) process.input(() => lanes.ended(PEER))
        else time.advance(much % 50)
      },
      settle,
      left: () => [
        lanes.takenIn.map(({ waiting }) => waiting).filter((waiting) => waiting > 0),
        isPressed,
        presses(INTAKE_PRESSED_BYTES),
        presses(INTAKE_PRESSED_BYTES + 1),
        takesBeside(HELD_BYTES_MAX),
        takesBeside(HELD_BYTES_MAX + 1)
      ]
    }
  }
}

const PIECE_BYTES = 64 * 1024

/** Of so many bytes, and the last one is too many. */
const STUBBORN_LEFT = 330

const stubborn: Balance = {
  name: 'stubborn links: when all is acknowledged a peer may leave as many bytes unacknowledged as ever',
  counts: ['links/stubborn-links.ts peer.bytes'],
  runs: 10,
  whole: STUBBORN_LEFT,
  begin() {
    const cluster = new Cluster(
      { members: 2, seed: 5 },
      (env, transport) => new StubbornLinks(env, 'stubborn', transport, { deliver: () => {} })
    )
    Object.assign(cluster.network, { loss: 20, duplication: 20, jitterMs: 100 })
    const send = (bytes: number) => cluster.node(0).input((links) => links.send(1, new Uint8Array(bytes)))
    const until = (bytes: number) => {
      let sent = 0
      for (; cluster.node(0).faults.length === 0; sent++) send(bytes)
      return sent
    }
    return {
      do({ what, much }) {
        if (what % 3 === 0) cluster.time.advance(much % 300)
        else send(much % (8 * PIECE_BYTES))
      },
      settle: () => cluster.time.advance(60_000),
      left() {
        // Room for less than one more is left, which many short ones fill.
        for (let piece = 0; piece < 127; piece++) send(PIECE_BYTES)
        return until(100)
      }
    }
  }
}

const QUIET = {
  outstandingBytes: 0,
  queued: 0,
  unacked: 0,
  waiting: [],
  waitingBytes: 0,
  owed: 0,
  stalledMs: 0,
  lagging: false,
  asking: false
}

const session: Balance = {
  name: 'sessions: when all is acknowledged both ends owe nothing, and nothing is under way',
  counts: ['links/peer-link.ts #overrun'],
  runs: 15,
  whole: [QUIET, QUIET, [], [4, 5], [4, 5], QUIET, QUIET],
  begin() {
    const cluster = new AuthenticatedCluster({ members: 2, seed: 3, unackedBytesMax: 400_000 }).start()
    Object.assign(cluster.network, { loss: 10, duplication: 20, jitterMs: 60 })
    const press = (at: ProcessId, isPressed: boolean) =>
      cluster.node(at).input((links) => links.press(1 - at, isPressed))
    const settle = () => {
      Object.assign(cluster.network, { loss: 0, duplication: 0, jitterMs: 0 })
      for (const at of [0, 1]) press(at, false)
      cluster.time.advance(120_000)
    }
    const stateOf = (at: ProcessId) => {
      const { links } = cluster.links(at).state() as { links: { link: Record<string, unknown> }[] }
      const link = links[0]?.link ?? {}
      const { outstandingBytes, queued, sent, acked, waiting, waitingBytes, owed, stalledMs } =
        link.session as Record<string, number>
      const { lagging, handshake } = link
      const unacked = (sent ?? 0) - (acked ?? 0)
      const { asking } = handshake as { asking: boolean }
      return { outstandingBytes, queued, unacked, waiting, waitingBytes, owed, stalledMs, lagging, asking }
    }
    /** How many bytes an end accepts while it is pressed. */
    const overrun = (at: ProcessId) => {
      const before = cluster.links(at).delivered(1 - at).length
      press(at, true)
      for (let piece = 0; piece < 5; piece++) {
        cluster.say(1 - at, at, 'x'.repeat(INTAKE_OVERRUN_BYTES_MAX / 4 - 1000))
        cluster.time.advance(100)
      }
      const accepted = cluster.links(at).delivered(1 - at).length - before
      settle()
      return [accepted, cluster.links(at).delivered(1 - at).length - before]
    }
    return {
      do({ what, much }) {
        const at = what % 2
        if (what % 11 < 6)
          cluster.say(at, 1 - at, ...Array.from({ length: 1 + (what % 7) }, () => 'y'.repeat(much % 9000)))
        else if (what % 11 < 9) cluster.time.advance(much % 400)
        else if (what % 11 === 9) press(at, much % 2 === 0)
        else if (much % 3 === 0) {
          cluster.reborn(at)
          // Its transport is a new one.
          cluster.pressed.delete(`${at} < ${1 - at}`)
        }
      },
      settle,
      left: () => [
        stateOf(0),
        stateOf(1),
        [...cluster.pressed],
        overrun(0),
        overrun(1),
        stateOf(0),
        stateOf(1)
      ]
    }
  }
}

export const linkBalances: readonly Balance[] = [sendWindow, receiveWindow, budget, intake, stubborn, session]
