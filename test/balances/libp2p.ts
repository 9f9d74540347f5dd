/** What the libp2p host counts: bytes and frames that wait for a stream, connections, streams, requests of the application. */
import type { Connection, MultiaddrConnection, PeerId, Stream, StreamHandler } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { vi } from 'vitest'
import { broadcastService } from '../../src/broadcast/service.ts'
import { WindowFullError } from '../../src/core/errors.ts'
import { COMMITS_KEPT_BYTES_MAX, COMMITS_KEPT_MAX, CommitLog } from '../../src/libp2p/commit-log.ts'
import { INDICATIONS_WAITING_MAX, IndicationQueue } from '../../src/libp2p/indication-queue.ts'
import { operation } from '../../src/libp2p/operations.ts'
import { REQUEST_WAITERS_MAX, Requests } from '../../src/libp2p/requests.ts'
import { encodeFrames } from '../../src/libp2p/transport-framing.ts'
import { type Entrance, InboundHub } from '../../src/libp2p/transport-hub.ts'
import { encodeIntro, TRANSPORT_VERSION } from '../../src/libp2p/transport-intro.ts'
import { INBOUND_STREAMS_BURST_MAX, TRANSPORT_LIMITS } from '../../src/libp2p/transport-limits.ts'
import { requireProtocol } from '../../src/libp2p/transport-protocol.ts'
import { StreamWriter } from '../../src/libp2p/transport-writer.ts'
import { WAITING_CONNECTIONS_MAX, WAITING_ELSEWHERE_MAX, WaitingRoom } from '../../src/libp2p/waiting-room.ts'
import { maxRegisterService } from '../../src/registers/max-register-service.ts'
import type { Services } from '../../src/stacks/stack.ts'
import type { Balance } from './balance.ts'

const HOUR_MS = 3_600_000
const GIVEN_UP_MS = 1000

/** As much of a stream of libp2p as is used here; nobody is at its other end. */
class LoneStream extends EventTarget {
  status = 'open'
  remoteWriteStatus = 'writable'
  readStatus = 'readable'
  writeStatus = 'writable'
  writableNeedsDrain = false
  maxWriteBufferLength = 0
  taken = 0

  send(bytes: Uint8Array): void {
    this.taken += bytes.length
  }

  drain(needsDrain: boolean): void {
    this.writableNeedsDrain = needsDrain
    if (!needsDrain) this.dispatchEvent(new Event('drain'))
  }

  abort(): void {
    this.status = 'aborted'
    this.dispatchEvent(new Event('close'))
  }

  async close(): Promise<void> {
    this.abort()
  }
}

const WRITE_BYTES = 2000
const OVERHEAD_BYTES = 128

const writer: Balance = {
  name: 'writer of a stream: when all has left as many bytes may wait as ever',
  counts: ['libp2p/transport-writer.ts #charged'],
  whole: [
    [true, true],
    [true, false]
  ],
  begin() {
    const stream = new LoneStream()
    const limits = { ...TRANSPORT_LIMITS, writeBufferBytesMax: WRITE_BYTES }
    const out = new StreamWriter(stream as unknown as Stream, limits, (why) => {
      throw new Error(why)
    })
    const settle = () => {
      stream.drain(false)
      out.flush()
    }
    /** Whether one more is taken where so much waits. */
    const takesBeside = (bytes: number, more: number) => {
      stream.drain(true)
      const taken = [out.send(new Uint8Array(bytes)), out.send(new Uint8Array(more))]
      settle()
      return taken
    }
    return {
      do({ what, much }) {
        if (what % 3 === 0) out.send(new Uint8Array(much % 700))
        else if (what % 3 === 1) stream.drain(much % 2 === 0)
        else out.flush()
      },
      settle,
      left: () => [
        takesBeside(0, WRITE_BYTES - 2 * OVERHEAD_BYTES),
        takesBeside(0, WRITE_BYTES - 2 * OVERHEAD_BYTES + 1)
      ]
    }
  }
}

const from = (host: string) => ({ host, address: multiaddr(`/ip4/${host}/tcp/40000`) })
const NEAR = from('10.0.0.1')
const FAR = from('10.0.0.2')

type Visitor = EventTarget & { readonly remoteAddr: object; readonly abort: () => void }

const room: Balance = {
  name: 'waiting room: when all have said who they are, or are gone, there are as many places as ever',
  counts: [],
  stepsMax: 14,
  runs: 4,
  whole: [
    [WAITING_CONNECTIONS_MAX + 1, 1, true],
    [WAITING_ELSEWHERE_MAX + 1, 1, true]
  ],
  begin() {
    vi.useFakeTimers()
    const places = new WaitingRoom(new Set([NEAR.host]), 4)
    const inside: Visitor[] = []
    let dismissed: Visitor[] = []
    const enter = (from: typeof NEAR) => {
      const visitor: Visitor = Object.assign(new EventTarget(), {
        remoteAddr: from.address,
        abort: () => {
          dismissed.push(visitor)
          visitor.dispatchEvent(new Event('close'))
        }
      })
      inside.push(visitor)
      places.enter(visitor as unknown as MultiaddrConnection)
    }
    const goes = (visitor: Visitor | undefined, how: number) => {
      if (how % 2 === 0) places.leave(visitor as unknown as MultiaddrConnection)
      else visitor?.dispatchEvent(new Event('close'))
    }
    /** How many come before one has to leave: the one that came first. */
    const placesFor = (from: typeof NEAR) => {
      inside.length = 0
      dismissed = []
      while (dismissed.length === 0) enter(from)
      return [inside.length, dismissed.length, dismissed[0] === inside[0]]
    }
    return {
      do({ what, much }) {
        if (what % 4 < 2) for (let i = 0; i < much % 400; i++) enter(what % 2 === 0 ? NEAR : FAR)
        else if (what % 4 === 2) for (let i = 0; i < much % 400; i++) goes(inside.pop(), i)
        else vi.advanceTimersByTime(much % 2000)
      },
      settle() {
        for (const [how, visitor] of inside.splice(0).entries()) goes(visitor, how)
      },
      left: () => [placesFor(NEAR), placesFor(FAR)]
    }
  }
}

const streams: Balance = {
  name: 'inbound streams: when all have said for which group they are, or are gone, a peer may open as many as ever',
  counts: ['libp2p/transport-hub.ts visitor.waiting', 'libp2p/transport-hub.ts visitor.allowance'],
  whole: Array.from({ length: INBOUND_STREAMS_BURST_MAX }, (_, i) =>
    i * 4 < INBOUND_STREAMS_BURST_MAX ? 4 : 0
  ),
  async begin() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    let handler: StreamHandler = () => {}
    const hub = InboundHub.of(
      {
        handle: async (_, given) => {
          handler = given
        },
        unhandle: async () => {}
      },
      requireProtocol({})
    )
    const peer = { toString: () => 'peer' } as PeerId
    const intro = { version: TRANSPORT_VERSION, groupId: new Uint8Array(32), genesis: new Uint8Array(0) }
    const entrance: Entrance = {
      intro,
      encodedIntro: encodeIntro(intro),
      limits: TRANSPORT_LIMITS,
      processOf: () => 1,
      isCutOff: () => false,
      isDialledBy: () => true,
      accept: () => {},
      refuse: () => {}
    }
    await hub.add(entrance)
    const waiting: LoneStream[] = []
    /** Which have said for which group they are. */
    const introduced: LoneStream[] = []
    const open = () => {
      const stream = new LoneStream()
      void handler(stream as unknown as Stream, { remotePeer: peer } as Connection)
      if (stream.status === 'open') waiting.push(stream)
    }
    const says = (stream: LoneStream | undefined, bytes: Uint8Array) =>
      stream?.dispatchEvent(Object.assign(new Event('message'), { data: bytes }))
    const settle = () => {
      for (const stream of [...waiting.splice(0), ...introduced.splice(0)]) stream.abort()
      vi.advanceTimersByTime(HOUR_MS)
    }
    return {
      do({ what, much }) {
        const frames = encodeFrames([encodeIntro(intro)])
        if (what % 5 < 2) open()
        else if (what % 5 === 2) {
          introduced.push(...waiting.splice(0, 1))
          says(introduced.at(-1), frames)
        } else if (what % 5 === 3) waiting.shift()?.abort()
        else if (much % 3 === 0) says(waiting.shift(), new Uint8Array(much % 50))
        else vi.advanceTimersByTime(much % 12_000)
      },
      settle,
      left() {
        settle()
        const opened: number[] = []
        // So many at a time, and so many one after the other.
        for (let i = 0; i < INBOUND_STREAMS_BURST_MAX; i++) {
          for (let more = 0; more < INBOUND_STREAMS_BURST_MAX; more++) open()
          opened.push(waiting.length)
          for (const stream of waiting.splice(0)) stream.abort()
        }
        return opened
      }
    }
  }
}

const running = (services: Services) => ({
  services,
  turnSoon: () => {},
  input: (handler: () => void) => handler()
})

const operations: Balance = {
  name: 'requests of an application: when all are over nobody waits, and as many may as ever',
  counts: ['libp2p/requests.ts this.#waiting.length'],
  runs: 20,
  whole: [[0, 0], REQUEST_WAITERS_MAX, 3, 1],
  begin() {
    vi.useFakeTimers()
    const PLACES = 3
    const under: ((result: string) => void)[] = []
    const read = (returned: (result: string) => void) => {
      if (under.length >= PLACES) throw new WindowFullError('full')
      const returns = (result: string) => returned(result)
      under.push(returns)
      return {
        abandon: () => void under.splice(under.indexOf(returns), 1)
      }
    }
    const all = new Requests(maxRegisterService, () => running({ 'max-register': { read } }))
    const begins = (signal?: AbortSignal) => {
      const options = { timeout: GIVEN_UP_MS, ...(signal && { signal }) }
      const asked = all.ask('read', [], operation('read', options))
      const settled = { why: undefined as string | undefined }
      asked.catch((error: Error) => {
        settled.why = error.name
      })
      return settled
    }
    const aborts: AbortController[] = []
    const settle = () => {
      while (under.length > 0) under.shift()?.('done')
      vi.advanceTimersByTime(2000)
      while (under.length > 0) under.shift()?.('done')
    }
    return {
      do({ what, much }) {
        if (what % 5 < 2) begins()
        else if (what % 5 === 2) {
          aborts.push(new AbortController())
          begins(aborts.at(-1)?.signal)
        } else if (what % 5 === 3) under.shift()?.('done')
        else if (much % 2 === 0) aborts.shift()?.abort()
        else vi.advanceTimersByTime(much % 400)
      },
      settle,
      async left() {
        const before = [all.waiting, all.open]
        const asked = Array.from({ length: PLACES + REQUEST_WAITERS_MAX + 1 }, () => begins())
        for (let turn = 0; turn < 5; turn++) await Promise.resolve()
        const refused = asked.filter(({ why }) => why === 'WindowFullError').length
        return [before, all.waiting, all.open, refused]
      }
    }
  }
}

const broadcasts: Balance = {
  name: 'requests of a service that says when it takes more: when all are over or given up nobody waits, and as many may as ever',
  counts: [],
  runs: 20,
  whole: [0, 3, 0, REQUEST_WAITERS_MAX, 1],
  begin() {
    const PLACES = 3
    const admitted: (() => void)[] = []
    const broadcast = (_payload: Uint8Array, accepted: () => void) => {
      if (admitted.length >= PLACES) throw new WindowFullError('full')
      return admitted.push(accepted)
    }
    const queue = new Requests(broadcastService, () => running({ broadcast: { broadcast } }))
    const aborts: AbortController[] = []
    const begins = (signal?: AbortSignal) => {
      const settled = { why: undefined as string | undefined }
      const waiting = operation('broadcast', { timeout: Number.POSITIVE_INFINITY, ...(signal && { signal }) })
      queue.ask('broadcast', [Uint8Array.of(1)], waiting).catch((error: Error) => {
        settled.why = error.name
      })
      return settled
    }
    const accept = () => {
      admitted.shift()?.()
      queue.admit()
    }
    return {
      do({ what }) {
        if (what % 5 < 2) begins()
        else if (what % 5 === 2) {
          aborts.push(new AbortController())
          begins(aborts.at(-1)?.signal)
        } else if (what % 5 === 3) accept()
        else aborts.shift()?.abort()
      },
      settle() {
        while (admitted.length > 0 || queue.waiting > 0) accept()
      },
      async left() {
        const before = queue.waiting
        const given = new AbortController()
        for (let i = 0; i < 2 * PLACES; i++) begins(given.signal)
        const waiting = queue.waiting
        given.abort()
        const afterAbort = queue.waiting
        while (admitted.length > 0) accept()
        const asked = Array.from({ length: PLACES + REQUEST_WAITERS_MAX + 1 }, () => begins())
        for (let turn = 0; turn < 5; turn++) await Promise.resolve()
        return [
          before,
          waiting,
          afterAbort,
          queue.waiting,
          asked.filter(({ why }) => why === 'WindowFullError').length
        ]
      }
    }
  }
}

const indications: Balance = {
  name: 'indications of a service: when all are consumed none is there, and as many may wait as ever',
  counts: ['libp2p/indication-queue.ts this.#items.length'],
  runs: 20,
  whole: ['IndicationsLostError', INDICATIONS_WAITING_MAX],
  begin() {
    const queue = new IndicationQueue()
    const begins = () => queue.consume({})[Symbol.asyncIterator]()
    let consumer = begins()
    const tell = (count: number) => {
      for (let i = 0; i < count; i++) queue.tell({ name: 'told', values: {} })
    }
    const leave = () => void consumer.return?.()
    return {
      do({ what, much }) {
        if (what % 4 < 2) tell(1 + (much % (INDICATIONS_WAITING_MAX / 4)))
        else if (what % 4 === 2) consumer.next().catch(() => {})
        else {
          leave()
          consumer = begins()
        }
      },
      settle() {
        // Some may be lost, which ends an iteration.
        for (const _ of ['those that are lost', 'the others']) {
          leave()
          consumer = begins()
          for (let i = 0; i <= INDICATIONS_WAITING_MAX; i++) consumer.next().catch(() => {})
        }
        leave()
      },
      async left() {
        tell(INDICATIONS_WAITING_MAX + 1)
        consumer = begins()
        const lost = await consumer.next().catch((error: Error) => error.name)
        consumer = begins()
        let left = 0
        for (; left <= INDICATIONS_WAITING_MAX; left++) {
          const next = consumer.next()
          const given = await Promise.race([next, Promise.resolve('none')])
          if (given === 'none') break
        }
        leave()
        return [lost, left]
      }
    }
  }
}

const commits: Balance = {
  name: 'commits that are kept: as many as ever, of as many bytes, whatever was executed and installed before',
  counts: [
    'libp2p/commit-log.ts #bytes',
    'libp2p/commit-log.ts #gone',
    'libp2p/commit-log.ts this.#kept.length'
  ],
  runs: 20,
  whole: { bytes: 2, count: COMMITS_KEPT_MAX },
  begin() {
    const log = new CommitLog(() => 0)
    log.begin()
    let sequence = 0
    const execute = (bytes: number) => {
      const commands = bytes === 0 ? [] : [{ command: new Uint8Array(bytes), result: new Uint8Array(0) }]
      const values = { sequence: ++sequence, commands }
      log.tell({ name: 'execute', values } as unknown as Parameters<CommitLog['tell']>[0])
    }
    const install = () => {
      sequence += 10
      log.tell({ name: 'install', values: { sequence, state: new Uint8Array(32), diverged: false } })
    }
    /** Of the last ones how many are there. */
    const kept = () => {
      const first = log.after(0)
      return sequence - (first?.type === 'gap' ? first.to : 0)
    }
    return {
      do({ what, much }) {
        if (what % 8 === 0) install()
        else execute((much * what) % (COMMITS_KEPT_BYTES_MAX / 4))
      },
      settle() {
        for (let at = 0; at < COMMITS_KEPT_MAX; at++) execute(0)
      },
      left() {
        // Two that are as large together as all may be push nothing out but what is too many.
        const before = sequence
        for (let at = 0; at < 2; at++) execute(COMMITS_KEPT_BYTES_MAX / 2)
        const count = kept()
        execute(1)
        return { bytes: sequence - before - (kept() < count ? 1 : 0), count }
      }
    }
  }
}

export const libp2pBalances: readonly Balance[] = [
  writer,
  room,
  streams,
  operations,
  broadcasts,
  indications,
  commits
]
