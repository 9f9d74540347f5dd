/** Runs to be drawn: one made by hand, in which every kind of event occurs, and generated ones of any size. */
import { type BroadcastEventKind, tellBroadcast } from '../../src/checkers/broadcast-history.ts'
import { utf8 } from '../../src/core/bytes.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'
import type { DrawnRun } from '../../src/viewer/drawn-run.ts'

const HISTORY = ['invoke', 'resume', 'return', 'indicate', 'crash', 'restart', 'stop', 'fault']
const path = 'double-echo'
const digest = (first: number) => Uint8Array.from({ length: 32 }, (_, i) => (first * 41 + i * 67) & 0xff)

/**
 * Member 2 is Byzantine and sends `left` to member 0, `right` to member 1; both deliver. Besides: a duplicate, a loss,
 * a message still on its way at the end, a crash with a restart, an accusation.
 */
export const equivocation: DrawnRun = (() => {
  let time = 0
  const events: TraceEvent[] = []
  /** Its index. */
  const add = (event: DistributiveOmit<TraceEvent, 'time'>): number => {
    time += 250
    return events.push({ ...event, time }) - 1
  }
  const tell = (event: { readonly process: number } & BroadcastEventKind): number =>
    add(tellBroadcast({ time: 0, ...event }))
  const send = (
    id: number,
    process: number,
    to: number,
    message: { type: string; [name: string]: never | number | string | Uint8Array }
  ) => add({ kind: 'send', process, id, to, path, message })
  const receive = (
    id: number,
    process: number,
    from: number,
    message: { type: string; [name: string]: never | number | string | Uint8Array }
  ) => add({ kind: 'receive', process, id, from, path, message })
  const SEND = (payload: string) => ({ type: 'SEND', sequence: 1, payload: utf8(payload) })
  const ECHO = (first: number) => ({ type: 'ECHO', sender: 2, sequence: 1, digest: digest(first) })

  add({ kind: 'session', process: 0, peer: 2, change: 'started' })
  add({ kind: 'timer', process: 0, change: 'set', timer: 1, delayMs: 200 })
  add({ kind: 'state', process: 0, path, state: { open: [], votes: { echoes: 0, echoed: null } } })
  send(1, 2, 0, SEND('left'))
  const second = send(2, 2, 1, SEND('right'))
  receive(1, 0, 2, SEND('left'))
  add({ kind: 'state', process: 0, path, state: { open: [1], votes: { echoes: 1, echoed: digest(1) } } })
  send(3, 0, 1, ECHO(1))
  const atRight = receive(2, 1, 2, SEND('right'))
  send(4, 1, 0, ECHO(2))
  send(5, 0, 3, ECHO(1))
  add({ kind: 'lost', process: 3, id: 5, from: 0, reason: 'the network dropped it' })
  receive(3, 1, 0, ECHO(1))
  receive(3, 1, 0, ECHO(1))
  add({ kind: 'crash', process: 3 })
  add({ kind: 'indication', process: 0, path, name: 'deliver', args: [2, 1, utf8('left')] })
  tell({
    kind: 'deliver',
    process: 0,
    sender: 2,
    sequence: 1,
    payload: utf8('left'),
    position: 1
  })
  add({ kind: 'landmark', process: 1, name: 'equivocation-seen' })
  add({
    kind: 'fault',
    process: 1,
    fault: { process: 2, kind: 'equivocation', certainty: 'certain', detail: 'two payloads' }
  })
  add({ kind: 'restart', process: 3 })
  tell({ kind: 'broadcast', process: 3, sequence: 1, payload: utf8('mine') })
  tell({ kind: 'accepted', process: 3, sequence: 1 })
  send(6, 3, 0, { type: 'SEND', sequence: 1, payload: utf8('mine') })
  const violating = tell({
    kind: 'deliver',
    process: 1,
    sender: 2,
    sequence: 1,
    payload: utf8('right'),
    position: 1
  })
  tell({ kind: 'gap', process: 0, sender: 1, from: 1, to: 3, position: 0 })
  add({ kind: 'timer', process: 0, change: 'fired', timer: 1, delayMs: 200 })
  add({ kind: 'request', process: 0, path: 'double-echo/log', name: 'acknowledge', args: [1] })
  add({ kind: 'session', process: 0, peer: 2, change: 'ended', reason: 'restarted' })
  add({ kind: 'stop', process: 1, cause: 'assertion failed' })
  return {
    title: 'double-echo, 4 members, 1 Byzantine (equivocate), seed 7',
    members: 4,
    byzantine: [2],
    events,
    violations: [
      {
        property: 'consistency',
        detail: 'members 0 and 1 deliver different payloads of 2/1',
        instance: { sender: 2, sequence: 1 },
        at: historyIndex(events, violating)
      },
      {
        property: 'totality',
        detail: 'member 3 never delivered 2/1',
        instance: { sender: 2, sequence: 1 },
        at: historyIndex(events, events.length)
      }
    ],
    explanation: [second, atRight, violating]
  }
})()

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

function historyIndex(events: readonly TraceEvent[], index: number): number {
  return events.slice(0, index).filter(({ kind }) => HISTORY.includes(kind)).length
}

/** So many events and a few more, of members that send each other what they like. The same for the same arguments. */
export function syntheticRun(size: number, members = 4): DrawnRun {
  let state = size
  const below = (bound: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
  const types = ['SEND', 'ECHO', 'READY', 'STATUS', 'PULL']
  const events: TraceEvent[] = []
  const waiting: Extract<TraceEvent, { kind: 'send' }>[] = []
  let time = 0
  let id = 0
  let deliveries = 0
  while (events.length < size) {
    time += below(8) === 0 ? below(20_000) : below(300)
    const process = below(members)
    const what = below(100)
    const sequence = 1 + Math.floor((events.length / size) * 40)
    if (what < 40) {
      const type = types[below(types.length)] ?? 'SEND'
      const message = { type, sender: below(members), sequence, digest: digest(below(256)) }
      const send = { kind: 'send', time, process, id: ++id, to: below(members), path, message } as const
      events.push(send)
      waiting.push(send)
    } else if (what < 84 && waiting.length > 0) {
      const [send] = waiting.splice(below(Math.min(12, waiting.length)), 1)
      if (send === undefined) continue
      const end = { time, process: send.to, id: send.id, from: send.process }
      if (below(25) === 0) events.push({ ...end, kind: 'lost', reason: 'the network dropped it' })
      else {
        const receive = { ...end, kind: 'receive', path, message: send.message } as const
        events.push(receive)
        if (below(30) === 0) events.push(receive)
        events.push({
          time,
          process: send.to,
          kind: 'state',
          path,
          state: { seen: events.length, open: [sequence] }
        })
      }
    } else if (what < 88)
      events.push({ time, process, kind: 'timer', change: 'set', timer: below(9), delayMs: 200 })
    else if (what < 92) events.push({ time, process, kind: 'landmark', name: 'quorum' })
    else if (what < 97) {
      deliveries++
      const payload = utf8(`payload ${deliveries}`)
      const deliver = {
        kind: 'deliver',
        sender: below(members),
        sequence,
        payload,
        position: deliveries
      } as const
      events.push(tellBroadcast({ time, process, ...deliver }))
    } else if (what < 98)
      events.push({ time, process, kind: 'crash' }, { time: time + 900, process, kind: 'restart' })
    else {
      const fault = {
        process: members - 1,
        kind: 'equivocation',
        certainty: 'certain',
        detail: 'as seen'
      } as const
      events.push({ time, process, kind: 'fault', fault })
    }
  }
  const history = historyIndex(events, events.length)
  return {
    title: `a synthetic run of ${size} events`,
    members,
    byzantine: [members - 1],
    events,
    violations: [
      { property: 'consistency', detail: 'in the middle', at: Math.floor(history / 2) },
      { property: 'integrity', detail: 'near the end', at: Math.floor(history * 0.9) }
    ],
    explanation: []
  }
}

export const MARKUP = '</script><script>alert(1)</script><img src=x onerror=alert(2)>'
/** A line break, an escape that clears terminals, a null, and marks that reverse what follows. */
export const CONTROLS = 'a\nb\u001b[2Jc\u0000d\u202ee\u200ff\u2028g'

/** Everything that can carry text carries what should not act. */
export const hostile: DrawnRun = (() => {
  const message = {
    type: MARKUP,
    sender: 0,
    sequence: 1,
    payload: utf8(MARKUP + CONTROLS),
    [MARKUP]: CONTROLS,
    ['__proto__']: { polluted: MARKUP }
  }
  const at = (time: number, process: number) => ({ time, process })
  const events: TraceEvent[] = [
    { ...at(1, 0), kind: 'send', id: 1, to: 1, path: MARKUP, message },
    { ...at(2, 1), kind: 'receive', id: 1, from: 0, path: MARKUP, message },
    { ...at(2, 1), kind: 'state', path: MARKUP, state: { [MARKUP]: CONTROLS, list: [MARKUP] } },
    tellBroadcast({
      ...at(3, 1),
      kind: 'deliver',
      sender: 0,
      sequence: 1,
      payload: utf8(MARKUP),
      position: 1
    }),
    { ...at(3, 1), kind: 'indicate', service: MARKUP, name: CONTROLS, values: { [MARKUP]: CONTROLS } },
    {
      ...at(4, 1),
      kind: 'fault',
      fault: { process: 0, kind: 'malformed', certainty: 'suspected', detail: MARKUP + CONTROLS }
    },
    { ...at(5, 0), kind: 'send', id: 2, to: 1, path: CONTROLS, message: { hex: 'ff' } },
    { ...at(6, 1), kind: 'lost', id: 2, from: 0, reason: MARKUP + CONTROLS },
    { ...at(7, 0), kind: 'indication', path: CONTROLS, name: MARKUP, args: [CONTROLS] },
    { ...at(8, 0), kind: 'session', peer: 1, change: 'ended', reason: CONTROLS },
    { ...at(8, 0), kind: 'landmark', name: MARKUP },
    { ...at(9, 0), kind: 'stop', cause: MARKUP + CONTROLS }
  ]
  return {
    title: MARKUP + CONTROLS,
    members: 2,
    byzantine: [0],
    events,
    violations: [{ property: MARKUP, detail: CONTROLS + MARKUP, at: 0 }],
    explanation: [0, 1, 3]
  }
})()
