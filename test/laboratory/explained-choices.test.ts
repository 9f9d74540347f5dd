/** Every choice that is left of a run is in its explanation: in an event where it shows, otherwise in words. */
import { describe, expect, it } from 'vitest'
import { choicesShown } from '../../src/laboratory/explained-choices.ts'
import { recordRun, repeatRun } from '../../src/laboratory/recording.ts'
import type { Choice } from '../../src/simulator/schedule.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'
import { describeChoice } from '../../src/viewer/describe-choice.ts'
import { extent } from '../extent.ts'

const choices: readonly (readonly [choice: Choice, text: string])[] = [
  [{ kind: 'delay', from: 0, to: 3, number: 2, us: 1500 }, 'message 2 from p0 to p3! takes 1.5 ms longer'],
  [{ kind: 'lose', from: 0, to: 1, number: 2 }, 'message 2 from p0 to p1 is lost'],
  [
    { kind: 'overtake', from: 0, to: 1, number: 2, us: 1000 },
    'message 2 from p0 to p1 comes 1 ms late, and others overtake it'
  ],
  [
    { kind: 'duplicate', from: 0, to: 1, number: 2, us: 1000 },
    'message 2 from p0 to p1 comes once more after 1 ms'
  ],
  [{ kind: 'handshake', from: 0, to: 1, number: 2, us: 1000 }, 'session 2 with p0 begins at p1 after 1 ms'],
  [{ kind: 'sync', process: 0, number: 2, us: 1000 }, 'sync 2 of p0 takes 1 ms longer'],
  [{ kind: 'sync-fails', process: 0, number: 2, us: 1000 }, 'sync 2 of p0 fails'],
  [{ kind: 'unsynced', process: 0, number: 2, left: 'torn' }, 'a crash in sync 2 of p0 leaves a torn part'],
  [{ kind: 'omit-send', process: 0, number: 2 }, 'p0 omits to send its message 2'],
  [{ kind: 'omit-receive', process: 0, number: 2 }, 'p0 omits to receive message 2 that reaches it'],
  [{ kind: 'consume', process: 0, number: 2, us: 1000 }, 'the application of p0 takes 1 ms for delivery 2'],
  [
    { kind: 'clock', process: 0, offsetMs: 5, driftPpm: 30 },
    'the clock of p0 is off by 5 ms, and drifts by 30 millionths'
  ],
  [{ kind: 'clock-jump', process: 0, at: 1000, ms: 5 }, 'the clock of p0 is stepped by 5 ms at 1 ms'],
  [
    { kind: 'request', process: 0, number: 2, at: 1000, service: 'registers', name: 'read', arguments: {} },
    'p0 is asked for registers.read at 1 ms'
  ],
  [{ kind: 'crash', process: 0, at: 1000, until: 2000 }, 'p0 is down from 1 ms to 2 ms'],
  [{ kind: 'crash-on', process: 0, event: 'send', number: 2, us: 1000 }, 'p0 crashes at its send 2'],
  [{ kind: 'pause', process: 0, at: 1000, until: 2000 }, 'p0 takes no step from 1 ms to 2 ms'],
  [
    { kind: 'partition', at: 1000, until: 2000, side: [0, 3], oneWay: false },
    'nothing passes between p0, p3! and the others from 1 ms to 2 ms'
  ],
  [{ kind: 'end-session', a: 0, b: 3, at: 1000 }, 'the session of p0 and p3! ends at 1 ms'],
  [{ kind: 'act', process: 3, at: 1000, to: 0, bytes: '0102' }, 'p3! sends 2 bytes to p0 at 1 ms']
]

describe('a choice in words:', () => {
  it.each(choices.map(([choice, text]) => [text, choice] as const))('%s', (text, choice) => {
    expect(describeChoice(choice, [3])).toBe(text)
  })
})

describe('in a whole run', () => {
  const config = {
    protocol: 'signed-double-echo',
    members: 4,
    faults: 1,
    byzantine: 1,
    adversary: 'swarm',
    links: 'ideal',
    crypto: 'symbolic'
  } as const

  it('each choice is in an event of its own, or left for words', () => {
    for (let seed = 1; seed <= extent(3, 10); seed++) {
      const { acted } = recordRun(config, seed)
      const events: TraceEvent[] = []
      const { applied } = repeatRun(acted, { sink: (event) => void events.push(event) })
      const schedule = acted.schedule.filter(applied)
      const shown = choicesShown(schedule, events)
      expect(new Set(shown.events).size + shown.unseen.length).toBe(schedule.length)
      // Whatever Byzantine members sent shows, and in nothing but what they sent.
      const acts = schedule.filter(({ kind }) => kind === 'act').length
      const sent = shown.events.filter((at) => {
        const event = events[at]
        return event?.kind === 'send' && acted.setup.byzantine.includes(event.process)
      })
      expect(sent).toHaveLength(acts)
      const kinds = new Set(shown.unseen.map(({ kind }) => kind))
      for (const seen of ['act', 'request', 'crash', 'end-session'] as const)
        expect(kinds).not.toContain(seen)
    }
  })
})
