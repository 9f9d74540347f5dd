/** Mutants of the link ladder in src/links, each looked for at its own rung. */
import type { Mutant } from '../mutant.ts'

export const ladderMutants: readonly Mutant[] = [
  {
    name: 'stubborn-links-send-once',
    kind: 'lost message',
    in: 'StubbornLinks.#startTimer',
    find: '        for (const frame of sent.values()) this.#transport.send(to, frame)\n',
    replace: '',
    breaks: 'stubborn delivery',
    because: 'what the network loses is not sent again',
    by: 'campaign',
    trials: [{ protocol: 'stubborn-links', members: 4 }]
  },
  {
    name: 'perfect-links-know-the-watermark-alone',
    kind: 'missing check',
    in: 'PerfectLinks.#isNew',
    find: ' || above.has(sequence)) return false',
    replace: ') return false',
    breaks: 'no duplication',
    because: 'a copy of what has overtaken another one is new again',
    by: 'campaign',
    trials: [{ protocol: 'perfect-links', members: 4 }]
  },
  {
    name: 'fifo-links-deliver-what-comes',
    kind: 'missing check',
    in: 'FifoLinks.#onDeliver',
    find: 'let next = (this.#last.get(from) ?? 0) + 1\n',
    replace: 'let next = message.lsn\n',
    breaks: 'FIFO delivery',
    because: 'a message is delivered before one that it has overtaken',
    by: 'campaign',
    trials: [{ protocol: 'fifo-perfect-links', members: 4 }]
  },
  {
    name: 'authenticated-links-hand-over-what-waits-in-any-order',
    kind: 'lost message',
    in: 'ReceiveWindow',
    find: '      this.#waitingBytes += bytes\n      return',
    replace: '      this.#waitingBytes += bytes\n      deliver(messages)\n      return',
    breaks: 'FIFO delivery',
    because: 'a frame that has overtaken another one is delivered as it comes',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-perfect-links', members: 4 }]
  },
  {
    name: 'authenticated-links-believe-any-tag',
    kind: 'missing check',
    in: 'Session.receive',
    find: "    if (!this.#verify(body, tag)) return 'unauthentic'\n",
    replace: '',
    breaks: 'authenticity',
    because:
      'who has seen the number of a session on the wire speaks in it as if of the one end to the other',
    // Written by hand: behaviours do not see what passes between others.
    by: 'schedule'
  }
]
