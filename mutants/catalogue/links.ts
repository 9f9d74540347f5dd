/** Mutants of src/links: sessions, windows, retransmission, ports; looked for over real links. */
import type { Mutant, Trial } from '../mutant.ts'

const real = (protocol: string, members: number, more: Partial<Trial> = {}): Trial => ({
  protocol,
  members,
  links: 'real',
  ...more
})

export const linkMutants: readonly Mutant[] = [
  {
    name: 'port-sends-before-writes-are-durable',
    kind: 'write not awaited',
    in: 'Ports.#send',
    find: `    this.#env.whenDurable(() => {
      this.#intake.held(to, -encoded.length)
      if (this.#ended.get(to) === ended) this.#carrier.send(to, encoded)
      else this.#env.observer.landmark('held-message-dropped')
    })`,
    replace: `    this.#intake.held(to, -encoded.length)
    if (this.#ended.get(to) === ended) this.#carrier.send(to, encoded)`,
    breaks: 'accuracy',
    because: 'a vote leaves, a crash forgets it, and the process votes for another payload',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-echo', members: 4, runs: 8000 }]
  },
  {
    name: 'frame-is-delivered-out-of-order',
    kind: 'lost message',
    in: 'ReceiveWindow.accept',
    find: '    if (sequence !== this.#received + 1) {',
    replace: '    if (sequence <= this.#received) {',
    breaks: 'validity',
    because: 'a frame that others have overtaken counts as a duplicate, and is lost',
    by: 'campaign',
    trials: [real('authenticated-echo', 4)]
  },
  {
    name: 'one-waiting-frame-is-handed-on',
    kind: 'lost message',
    in: 'ReceiveWindow.accept',
    find: 'while (next !== undefined) {',
    replace: 'if (next !== undefined) {',
    breaks: 'validity',
    because: 'frames that wait behind the first are duplicates from now on, and the link stands still',
    by: 'campaign',
    trials: [real('authenticated-echo', 4)]
  },
  {
    name: 'receive-window-is-one-too-narrow',
    kind: 'false accusation',
    in: 'ReceiveWindow.admits',
    find: 'if (sequence > this.#received + LINK_FRAMES_IN_FLIGHT) return',
    replace: 'if (sequence >= this.#received + LINK_FRAMES_IN_FLIGHT) return',
    breaks: 'accuracy',
    because: 'a correct sender with a full window is accused of exceeding it',
    by: 'campaign',
    trials: [real('double-echo', 7)]
  },
  {
    name: 'acknowledgement-skips-a-hole',
    kind: 'lost message',
    in: 'Session.flush',
    find: 'const ack = this.#in.received\n',
    replace: 'const ack = Math.max(this.#in.received, ...this.#in.waiting)\n',
    breaks: 'validity',
    because: 'what was lost before the newest frame counts as arrived, and is never sent again',
    by: 'campaign',
    trials: [real('authenticated-echo', 4)]
  },
  {
    name: 'timeout-does-not-retransmit',
    kind: 'lost message',
    in: 'Session.#timedOut',
    find: '    this.#roundTrip.backOff()\n    this.#events.transmit(oldest)\n',
    replace: '    this.#roundTrip.backOff()\n',
    breaks: 'validity',
    because: 'a lost frame stays lost',
    by: 'campaign',
    trials: [real('authenticated-echo', 4)]
  },
  {
    name: 'frame-is-retransmitted-once',
    kind: 'lost message',
    in: 'Session.#awaitAck',
    find: '      if (this.#out.acked === ackedBefore) this.#timedOut(delayMs)\n      this.#awaitAck()\n',
    replace: '      if (this.#out.acked === ackedBefore) this.#timedOut(delayMs)\n',
    breaks: 'validity',
    because: 'a frame that is lost twice, at the end of a burst, stays lost',
    by: 'campaign',
    trials: [real('authenticated-echo', 4)]
  },
  {
    name: 'session-key-has-nothing-fresh',
    kind: 'forgotten binding',
    in: 'encodeSessionContext',
    find: `    initiator: { nonce: initiator.nonce, incarnation: initiator.incarnation },
    responder: { nonce: responder.nonce, incarnation: responder.incarnation }
`,
    replace: `    initiator: { nonce: new Uint8Array(NONCE_BYTES), incarnation: 0 },
    responder: { nonce: new Uint8Array(NONCE_BYTES), incarnation: 0 }
`,
    breaks: 'validity',
    because: 'after a restart the new session passes for the old one, whose numbers it contradicts',
    by: 'campaign',
    trials: [real('authenticated-echo', 4)]
  },
  {
    name: 'unknown-session-is-not-disowned',
    kind: 'lost message',
    in: 'PeerLink.#ofNone',
    find: 'if (!this.#handshake.initiator) this.#handshake.disown(claimed)',
    replace: '',
    breaks: 'validity',
    because: 'the lower rank goes on in a session that ended with the life of the higher one',
    by: 'campaign',
    trials: [real('authenticated-echo', 4)]
  },
  {
    name: 'handshake-is-not-repeated',
    kind: 'lost message',
    in: 'Retry.#attempt',
    find: '    this.#timer?.cancel()\n    this.#wait(this.#delayMs)\n',
    replace: '    this.#timer?.cancel()\n',
    breaks: 'validity',
    because: 'where the first message of a handshake is lost there is never a session',
    by: 'campaign',
    trials: [real('authenticated-echo', 4)]
  }
]
