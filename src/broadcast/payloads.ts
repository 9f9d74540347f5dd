/** Payloads of instances: pulled by digest (exchange/pulls.ts), under the sender and the sequence number. */
import type { Environment } from '../core/environment.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { bytes, digest, rank, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { Pulls } from '../exchange/pulls.ts'
import type { Port, Ports } from '../links/ports.ts'

export function payloadMessages(payloadBytesMax: number) {
  const instance = { of: 'sender', numbers: ['sequence'] } as const
  return defineMessages(
    {
      PULL: [0, { sender: rank, sequence: uint(), digest }],
      PAYLOAD: [1, { sender: rank, sequence: uint(), payload: bytes(payloadBytesMax) }]
    },
    {
      PULL: { role: 'request', instance, content: 'digest' },
      PAYLOAD: { role: 'answer', instance, content: 'payload' }
    }
  )
}
type PayloadMessage = MessageOf<ReturnType<typeof payloadMessages>>

export interface PayloadsClient {
  /** The payload of that digest, if this process has it and still keeps it. */
  find(sender: ProcessId, sequence: number, digest: Uint8Array): Uint8Array | undefined
  /** The payload that was asked for. */
  found(sender: ProcessId, sequence: number, payload: Uint8Array): void
  /** Who voted for the digest so far: those who can be asked. */
  holders(sender: ProcessId, sequence: number): readonly ProcessId[]
}

type InstanceName = { readonly sender: ProcessId; readonly sequence: number }

export class Payloads {
  readonly #env: Environment
  readonly #port: Port<PayloadMessage>
  readonly #pulls: Pulls<InstanceName>

  constructor(env: Environment, ports: Ports, path: string, payloadBytesMax: number, client: PayloadsClient) {
    this.#env = env
    this.#port = ports.open(
      path,
      payloadMessages(payloadBytesMax),
      {
        deliver: (from, message) => this.#receive(from, message),
        resync: (peer) => this.#pulls.resync(peer)
      },
      { terms: { payloadBytesMax } }
    )
    this.#pulls = new Pulls(env, {
      keyOf: ({ sender, sequence }) => `${sender}/${sequence}`,
      find: ({ sender, sequence }, wanted) => client.find(sender, sequence, wanted),
      found: ({ sender, sequence }, payload) => client.found(sender, sequence, payload),
      holders: ({ sender, sequence }) => client.holders(sender, sequence),
      ask: (peer, name, wanted) => this.#port.send(peer, { type: 'PULL', ...name, digest: wanted }),
      answer: (peer, name, payload) => this.#port.answer(peer, { type: 'PAYLOAD', ...name, payload }),
      charge: (peer, us) => this.#port.charge(peer, us)
    })
  }

  /** Asks for the payload until it is found or the question is dropped. Asking again changes nothing. */
  pull({ sender, sequence }: InstanceName, wanted: Uint8Array): void {
    this.#pulls.pull({ sender, sequence }, wanted)
  }

  /** The instance is over: nothing more is asked or served for it. */
  drop({ sender, sequence }: InstanceName): void {
    this.#pulls.drop({ sender, sequence })
  }

  state(): PlainValue {
    return this.#pulls.state()
  }

  #receive(from: ProcessId, message: PayloadMessage): void {
    const { sender, sequence } = message
    if (!isMember(this.#env.group, sender)) {
      const detail = `${message.type} names ${sender}, which is no member`
      this.#env.observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })
    } else if (message.type === 'PULL') this.#pulls.onPull(from, { sender, sequence }, message.digest)
    else this.#pulls.onPayload(from, { sender, sequence }, message.payload)
  }
}
