/** One process of a group with clients, alone: a register, what it has returned, and what it was asked to finish. */
import type { Environment } from '../../src/core/environment.ts'
import type { ProcessId } from '../../src/core/group.ts'
import type { Message, Messages } from '../../src/core/messages.ts'
import { crashResilience } from '../../src/core/quorum.ts'
import type { PlainValue } from '../../src/core/trace.ts'
import type { Answered, CallId } from '../../src/exchange/call-id.ts'
import { type Sent, Solo, soloKey } from '../../src/laboratory/solo.ts'
import type { Ports } from '../../src/links/ports.ts'
import {
  type ReadResult,
  type RegisterId,
  type RegisterIndications,
  type RegisterRequests,
  soleWriter,
  type WriteResult
} from '../../src/registers/register.ts'
import { answerTo } from '../exchange/asked.ts'

export const bytesOf = (text: string) => new TextEncoder().encode(text)
export const textOf = (value: Uint8Array | null) => value && new TextDecoder().decode(value)

export const keyOf = soloKey

export interface RegisterSoloInit<R> {
  readonly n: number
  readonly clients?: number
  readonly self: ProcessId
  readonly make: (env: Environment, ports: Ports, indications: RegisterIndications) => R
  /** What an earlier life had stored. */
  readonly disk?: Map<string, Uint8Array>
  /** Default: the first. */
  readonly life?: number
}

const isQuestion = (message: PlainValue, number: number): boolean => {
  const { call } = message as { readonly call?: Partial<CallId> }
  return call?.number === number && !('question' in call)
}

export class RegisterSolo<R extends RegisterRequests> extends Solo<R> {
  /** Of the first client. */
  readonly id: RegisterId
  readonly resumed: (string | null)[]
  readonly reads: (readonly [value: string | null, timestamp: number])[] = []
  readonly writes: WriteResult[] = []
  readonly #messages: Messages<Message> | undefined
  readonly #path: string

  constructor({ n, clients = 2, make, ...init }: RegisterSoloInit<R>) {
    const resumed: (string | null)[] = []
    const opened: Ports[] = []
    super({
      ...init,
      members: n,
      faults: crashResilience(n),
      clients,
      make: (env, ports) => {
        opened.push(ports)
        return make(env, ports, {
          resumed: (_, value, { written }) => {
            if (written) resumed.push(textOf(value))
          }
        })
      }
    })
    this.resumed = resumed
    this.id = soleWriter(keyOf(n), 'x')
    const port = opened[0]?.openPorts[0]
    this.#messages = port?.messages
    this.#path = port?.path ?? ''
  }

  get register(): R {
    return this.component
  }

  read(id = this.id): void {
    this.do((register) =>
      register.read(id, ({ value, timestamp }: ReadResult) => this.reads.push([textOf(value), timestamp]))
    )
  }

  write(value: string, id = this.id): void {
    this.do((register) => register.write(id, bytesOf(value), (result) => this.writes.push(result)))
  }

  /** A message of `from` to the register. */
  hears(from: ProcessId, message: Message): void {
    this.receive(from, this.#path, message)
  }

  /** What an answer to its n-th question is headed by. */
  answering(number: number): Answered {
    const question = this.events.findLast(
      (event) => event.kind === 'send' && isQuestion(event.message, number)
    )
    if (question?.kind !== 'send' || this.#messages === undefined)
      throw new Error(`question ${number} was not asked`)
    return answerTo(this.#messages, question.message as Message)
  }

  /** Nominal microseconds of work that a peer has caused so far. */
  workUs(peer: ProcessId): number {
    return this.takenIn(peer)?.workUs ?? 0
  }

  /** What was sent of one type, and forgets it: the message for each receiver. */
  took(type: string): Sent[] {
    const taken = this.sentOf(type)
    this.sent.splice(0, this.sent.length, ...this.sent.filter(({ message }) => message.type !== type))
    return taken
  }
}
