/**
 * A broadcast with a bug in it, to be found by the simulator.
 *
 *     npx byzkit simulate examples/broken-broadcast.ts --trace broken.jsonl
 *     npx byzkit replay broken.jsonl --protocol examples/broken-broadcast.ts
 *
 * It wants to be Byzantine consistent broadcast (authenticated echo, CGR11 Algorithm 3.16): the sender sends its
 * payload to all, everybody echoes to all what it got from the sender, and who has heard enough echoes of one payload
 * delivers it. A liar may send one payload to some and another to others; no two correct processes may then deliver
 * different ones. Everything hangs on how many echoes are enough. Read, guess, run, and see fixed-broadcast.ts.
 */
import {
  bytes,
  Component,
  defineMessages,
  type Environment,
  type MessageOf,
  type PlainValue,
  type Port,
  type Ports,
  type ProcessId,
  rank,
  toHex,
  uint
} from 'byzkit/protocols'
import { broadcastProtocol, type DeliverBroadcast } from 'byzkit/testing'

// Declared once: the encoder, the strict decoder and the types follow. What each message is to somebody who does not
// know the protocol, its role, is what the adversaries lie by.
const messages = defineMessages(
  {
    SEND: [0, { sequence: uint(), payload: bytes(65_536) }],
    ECHO: [1, { sender: rank, sequence: uint(), payload: bytes(65_536) }]
  },
  {
    SEND: { role: 'proposal', instance: { of: 'speaker', numbers: ['sequence'] }, content: 'payload' },
    ECHO: { role: 'vote', instance: { of: 'sender', numbers: ['sequence'] }, content: 'payload' }
  }
)
type Message = MessageOf<typeof messages>

/** What this process knows of one broadcast, which is named by its sender and the sender's number for it. */
interface Instance {
  sentEcho: boolean
  delivered: boolean
  /** Who echoed what: the payload, as text, by the process that echoed it. The first echo of each counts. */
  readonly echoes: Map<ProcessId, string>
}

export class EchoBroadcast extends Component<{ deliver: DeliverBroadcast }> {
  readonly #port: Port<Message>
  readonly #instances = new Map<string, Instance>()

  constructor(env: Environment, path: string, ports: Ports, deliver: DeliverBroadcast) {
    super(env, path, { deliver })
    this.#port = ports.open(path, messages, {
      deliver: (from, message) => {
        if (message.type === 'SEND') this.#onSend(from, message.sequence, message.payload)
        else this.#onEcho(from, message.sender, message.sequence, message.payload)
      },
      resync: () => {} // the links are perfect: nothing is lost, so nothing is sent again
    })
  }

  /** How many processes must have echoed the same payload. */
  protected enough(): number {
    // "One of f + 1 is correct, and a correct process echoes only what the sender sent."   True. And enough?
    return this.env.group.quorum.oneCorrect
  }

  // upon event < bcb, Broadcast | m > do: send [SEND, m] to all
  broadcast(sequence: number, payload: Uint8Array): void {
    this.#port.sendAll({ type: 'SEND', sequence, payload })
  }

  // upon event < al, Deliver | p, [SEND, m] > such that p = s and sentecho = FALSE do: send [ECHO, m] to all
  #onSend(sender: ProcessId, sequence: number, payload: Uint8Array): void {
    const instance = this.#instance(sender, sequence)
    if (instance.sentEcho) return
    instance.sentEcho = true
    this.#port.sendAll({ type: 'ECHO', sender, sequence, payload })
  }

  // upon event < al, Deliver | p, [ECHO, m] > do: if echos[p] = NIL then echos[p] := m
  #onEcho(from: ProcessId, sender: number, sequence: number, payload: Uint8Array): void {
    if (sender >= this.env.group.n) return // nobody has that rank: never trust what came from elsewhere
    const instance = this.#instance(sender, sequence)
    if (instance.echoes.has(from)) return
    const text = toHex(payload)
    instance.echoes.set(from, text)
    const agreeing = [...instance.echoes.values()].filter((other) => other === text).length
    if (agreeing < this.enough() || instance.delivered) return
    instance.delivered = true
    this.indicate.deliver(sender, sequence, payload)
  }

  #instance(sender: ProcessId, sequence: number): Instance {
    const name = `${sender}/${sequence}`
    const instance = this.#instances.get(name) ?? {
      sentEcho: false,
      delivered: false,
      echoes: new Map()
    }
    this.#instances.set(name, instance)
    return instance
  }

  override state(): PlainValue {
    return Object.fromEntries(
      [...this.#instances].map(([name, { sentEcho, delivered, echoes }]) => [
        name,
        { sentEcho, delivered, echoes: [...echoes.keys()] }
      ])
    )
  }
}

export default broadcastProtocol({
  name: 'broken-broadcast',
  title: 'echo broadcast that delivers after f + 1 echoes',
  source: 'CGR11 Algorithm 3.16, misread',
  properties: ['validity', 'no duplication', 'integrity', 'consistency'],
  create: (env, ports, deliver) => new EchoBroadcast(env, 'broken-broadcast', ports, deliver)
})
