/**
 * A member with several faces: as many instances of the correct stack under one identity, each with an application
 * that broadcasts something else under the same number. Every face hears everything; which of them speaks to whom
 * the behaviour decides. The faces of different Byzantine members speak with each other, first with first, second
 * with second, over the same links as all others: so that each face lives in a world where its lie is the truth.
 *
 * What is to be put into an order comes to the first face at once, and to the others later, each in its own time, or
 * not at all: so what they propose differs by its order, and not by payloads alone.
 */
import { concatBytes } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { Asked, BehaviourContext, ByzantineMember } from './behaviour.ts'
import { oneIn } from './draw.ts'
import { Puppet } from './puppet.ts'

/** Heads a message between liars; no stack opens so many ports. */
const FACE_TO_FACE = 255

/** How much later, milliseconds, another face hears of a request; and in one case of so many it never does. */
const LATER_MS_MAX = 100
const LEFT_OUT_ONE_IN = 4

export abstract class Faces implements ByzantineMember {
  protected readonly context: BehaviourContext
  protected readonly faces: readonly Puppet[]

  constructor(context: BehaviourContext, count: number) {
    this.context = context
    this.faces = Array.from(
      { length: count },
      (_, face) => new Puppet(context, (to, message) => this.#say(face, to, message))
    )
  }

  /** What a face would say to a correct member. */
  protected abstract speak(face: number, to: ProcessId, message: Uint8Array): void

  start(): void {
    for (const face of this.faces) face.start()
  }

  ask(asked: Asked): void {
    this.faces.forEach((face, index) => {
      const given = asked.arguments.map((value) =>
        value instanceof Uint8Array ? variant(value, index) : value
      )
      face.ask({ ...asked, arguments: given })
    })
  }

  deliver(from: ProcessId, message: Uint8Array): void {
    const fellow = this.context.byzantine.includes(from) && message[0] === FACE_TO_FACE
    if (fellow) this.faces[message[1] ?? 0]?.deliver(from, message.subarray(2))
    else for (const [index, face] of this.faces.entries()) this.#hear(face, index, from, message)
  }

  sessionStarted(peer: ProcessId): void {
    for (const face of this.faces) face.sessionStarted(peer)
  }

  sessionEnded(peer: ProcessId, reason: string): void {
    for (const face of this.faces) face.sessionEnded(peer, reason)
  }

  #hear(face: Puppet, index: number, from: ProcessId, message: Uint8Array): void {
    const { clock, random } = this.context.env
    const utterance = index === 0 ? undefined : face.wire.read(message)
    const isOrdered = utterance !== undefined && face.wire.orderedBy(utterance) !== undefined
    if (!isOrdered) face.deliver(from, message)
    else if (!oneIn(LEFT_OUT_ONE_IN, random))
      clock.setTimer(random.below(LATER_MS_MAX), () => face.deliver(from, message))
    else this.context.report?.('request-left-out')
  }

  #say(face: number, to: ProcessId, message: Uint8Array): void {
    const { byzantine, carrier } = this.context
    if (!byzantine.includes(to)) this.speak(face, to, message)
    else carrier.send(to, concatBytes(Uint8Array.of(FACE_TO_FACE, face), message))
  }
}

/** The payload that a face broadcasts in place of another; the first face's is the application's own. */
function variant(payload: Uint8Array, face: number): Uint8Array {
  if (payload.length === 0) return face === 0 ? payload : Uint8Array.of(face)
  const other = Uint8Array.from(payload)
  other[other.length - 1] = (other[other.length - 1] ?? 0) ^ face
  return other
}
