/**
 * A broadcast of your own: this one is Byzantine consistent broadcast by authenticated echo (CGR11 Algorithm 3.16).
 *
 * The sender sends its payload to all, everybody echoes to all the first payload that it got from the sender, and who
 * has heard the same echo from more than (n + f)/2 processes delivers it.
 */
import {
  bytes,
  Component,
  defineMessages,
  type Environment,
  type MessageOf,
  type Port,
  type Ports,
  type ProcessId,
  rank,
  toHex,
  uint
} from 'byzkit/protocols'
import { broadcastProtocol, type DeliverBroadcast } from 'byzkit/testing'

const PAYLOAD_BYTES_MAX = 65_536

// The encoder, the strict decoder and the types follow from this, and by the roles the adversaries know what to lie of.
const messages = defineMessages(
  {
    SEND: [0, { sequence: uint(), payload: bytes(PAYLOAD_BYTES_MAX) }],
    ECHO: [1, { sender: rank, sequence: uint(), payload: bytes(PAYLOAD_BYTES_MAX) }]
  },
  {
    SEND: { role: 'proposal', instance: { of: 'speaker', numbers: ['sequence'] }, content: 'payload' },
    ECHO: { role: 'vote', instance: { of: 'sender', numbers: ['sequence'] }, content: 'payload' }
  }
)

/** What this process knows of one broadcast, which is named by its sender and the sender's number for it. */
interface Instance {
  echoed: boolean
  delivered: boolean
  /** The first echo of each process. */
  readonly echoes: Map<ProcessId, string>
}

export class MyBroadcast extends Component<{ deliver: DeliverBroadcast }> {
  readonly #port: Port<MessageOf<typeof messages>>
  readonly #instances = new Map<string, Instance>()

  constructor(env: Environment, ports: Ports, deliver: DeliverBroadcast) {
    super(env, 'my-broadcast', { deliver })
    this.#port = ports.open('my-broadcast', messages, {
      deliver: (from, message) => {
        if (message.type === 'SEND') this.#onSend(from, message.sequence, message.payload)
        else this.#onEcho(from, message.sender, message.sequence, message.payload)
      },
      resync: () => {} // the links are perfect: nothing is lost, so nothing is sent again
    })
  }

  broadcast(sequence: number, payload: Uint8Array): void {
    this.#port.sendAll({ type: 'SEND', sequence, payload })
  }

  override state() {
    return Object.fromEntries(
      [...this.#instances].map(([name, { echoed, delivered, echoes }]) => [
        name,
        { echoed, delivered, echoes: [...echoes.keys()] }
      ])
    )
  }

  #onSend(sender: ProcessId, sequence: number, payload: Uint8Array): void {
    const instance = this.#instance(sender, sequence)
    if (instance.echoed) return
    instance.echoed = true
    this.#port.sendAll({ type: 'ECHO', sender, sequence, payload })
  }

  #onEcho(from: ProcessId, sender: ProcessId, sequence: number, payload: Uint8Array): void {
    if (sender >= this.env.group.n) return // nobody has that rank: what comes from elsewhere may be a lie
    const instance = this.#instance(sender, sequence)
    if (instance.echoes.has(from)) return
    const text = toHex(payload)
    instance.echoes.set(from, text)
    const agreeing = [...instance.echoes.values()].filter((other) => other === text).length
    if (agreeing < this.env.group.quorum.byzantine || instance.delivered) return
    instance.delivered = true
    this.indicate.deliver(sender, sequence, payload)
  }

  #instance(sender: ProcessId, sequence: number): Instance {
    const name = `${sender}/${sequence}`
    const instance = this.#instances.get(name) ?? { echoed: false, delivered: false, echoes: new Map() }
    this.#instances.set(name, instance)
    return instance
  }
}

export default broadcastProtocol({
  name: 'my-broadcast',
  title: 'a broadcast of my own',
  properties: ['validity', 'no duplication', 'integrity', 'consistency'],
  create: (env, ports, deliver) => new MyBroadcast(env, ports, deliver)
})
