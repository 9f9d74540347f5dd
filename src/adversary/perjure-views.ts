/**
 * Perjury about its own past: where members say what they have voted for and how far they have come, it says something
 * else. It forgets its votes, or invents some, or claims an older point than the one that it has come to; and where it
 * is to show what follows from what all said, it shows what does not. It tells one story to all, since two would be
 * evidence; and of its own past it tells the truth where it leads itself, since its proposal shows that. Who fetches
 * what it has come to gets pieces of which every other one is altered.
 */
import type { ProcessId } from '../core/group.ts'
import type { Message } from '../core/messages.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { oneIn, pick } from './draw.ts'
import { likelySource } from './fabricate.ts'
import { Memory } from './memory.ts'
import { Puppeteer } from './puppeteer.ts'
import { fabricateElement, mutateField, mutateMessage, type Source } from './values.ts'
import { type Format, textOf, type Utterance } from './wire.ts'

/** Stories that are told again as they were told, and points that others have come to. */
const REMEMBERED_MAX = 64
/** Votes that it adds to a list at most. */
const ADDED_MAX = 3

type Values = { readonly [field: string]: PlainValue }
type Testimony = NonNullable<NonNullable<Format['role']>['testimony']>

class Perjurer extends Puppeteer {
  readonly #memory = new Memory()
  readonly #source: Source
  /** By port, type and instance. */
  readonly #stories = new Map<string, Uint8Array>()
  /** By the field that says so, and its text. */
  readonly #reached = new Map<string, Map<string, PlainValue>>()
  /** How far from the point where they begin somebody's votes went. */
  #reach = 1

  constructor(context: BehaviourContext) {
    super(context)
    this.#source = likelySource(context, this.#memory)
  }

  override deliver(from: ProcessId, message: Uint8Array): void {
    const utterance = this.puppet.wire.read(message)
    if (utterance !== undefined) this.#learn(utterance)
    super.deliver(from, message)
  }

  protected override say(to: ProcessId, message: Uint8Array): void {
    const { wire } = this.puppet
    const utterance = wire.read(message)
    const format = utterance && wire.formatOf(utterance)
    const { testimony, follows } = format?.role ?? {}
    if (utterance === undefined || format === undefined) this.tell(to, message)
    else if ((testimony ?? follows) !== undefined)
      this.tell(to, this.#storyOf(utterance, format, to, message))
    else this.tell(to, this.#isPiece(format) ? this.#altered(utterance, format) : message)
  }

  /** Where members tell of their past, they hand over what they have come to, each piece to who calls for it. */
  #isPiece({ role }: Format): boolean {
    const isTold = this.puppet.wire.formats.some((format) => format.role?.testimony !== undefined)
    return isTold && role?.role === 'answer' && role.call !== undefined && oneIn(2, this.env.random)
  }

  #altered(utterance: Utterance, format: Format): Uint8Array {
    this.report('piece-altered')
    return this.puppet.wire.write({
      ...utterance,
      message: mutateMessage(utterance.message, format, this.#source)
    })
  }

  #storyOf(utterance: Utterance, format: Format, to: ProcessId, message: Uint8Array): Uint8Array {
    const { wire } = this.puppet
    const { name = [] } = wire.instanceOf(utterance, this.env.self, to) ?? {}
    const key = `${format.port}/${format.type}/${name.join('/')}`
    const told = this.#stories.get(key)
    if (told !== undefined) return told
    const lie = this.#lieOf(utterance, format)
    const story =
      lie === undefined ? message : wire.write(wire.resigned(this.env, { ...utterance, message: lie }))
    const [oldest] = this.#stories.keys()
    if (this.#stories.size >= REMEMBERED_MAX && oldest !== undefined) this.#stories.delete(oldest)
    this.#stories.set(key, story)
    return story
  }

  /** Undefined: the truth. */
  #lieOf(utterance: Utterance, format: Format): Message | undefined {
    const { random } = this.env
    const { testimony, follows } = format.role ?? {}
    this.#learn(utterance)
    if (follows !== undefined) {
      if (oneIn(2, random)) return undefined
      this.report('what-follows-changed')
      return mutateField(utterance.message, format, follows, this.#source)
    }
    const numbers = format.role?.instance?.numbers ?? []
    if (testimony === undefined || this.#leads(utterance, numbers)) return undefined
    return this.#perjured(utterance.message, format, testimony)
  }

  /** Whether it is itself who proposes in the instance of that name. */
  #leads({ port, message }: Utterance, numbers: PlainValue): boolean {
    const { self } = this.env
    const { wire } = this.puppet
    const isProposal = ({ role, port: other }: Format) =>
      other === port &&
      role?.role === 'proposal' &&
      textOf(role.instance?.numbers ?? null) === textOf(numbers)
    return wire.formats
      .filter(isProposal)
      .some(({ type }) => wire.instanceOf({ port, message: { ...message, type } }, self, self)?.of === self)
  }

  #perjured(message: Message, format: Format, { votes, reached }: Testimony): Message {
    const { random } = this.env
    const said = listOf(message[votes])
    const begin = message[reached[0] ?? ''] ?? null
    const invent = (before: readonly PlainValue[], point: PlainValue) =>
      this.#invented(format, votes, before, point)
    switch (random.below(4)) {
      case 0:
        this.report('votes-denied')
        return { ...message, [votes]: said.filter(() => oneIn(2, random)) }
      case 1:
        this.report('votes-changed')
        return { ...message, [votes]: said.map((vote) => this.#changed(recordOf(vote))) }
      case 2:
        this.report('votes-invented')
        return { ...message, [votes]: invent(said, begin) }
      default: {
        const field = pick(reached, random)
        const older = this.#older(field, message[field] ?? null)
        this.report('older-point-claimed')
        return { ...message, [field]: older, [votes]: invent([], reached[0] === field ? older : begin) }
      }
    }
  }

  /** For another thing that somebody has voted for, and for certain. */
  #changed(vote: Values): Values {
    const entries = Object.entries(vote).map(([field, value]) => {
      if (typeof value === 'boolean') return [field, true] as const
      if (!(value instanceof Uint8Array)) return [field, value] as const
      const { length } = value
      return [field, this.#source.bytes(leafOf(field), length, length)] as const
    })
    return Object.fromEntries(entries)
  }

  /** Behind what was said, or behind the point where votes begin: as far from there as anybody's votes go. */
  #invented(
    format: Format,
    votes: string,
    said: readonly PlainValue[],
    point: PlainValue
  ): readonly PlainValue[] {
    const invented = [...said]
    for (let count = this.env.random.below(ADDED_MAX + 1); count > 0; count--) {
      const last = recordOf(invented.at(-1) ?? point)
      if (numberIn(last) - numberIn(point) >= this.#reach) break
      const vote = recordOf(fabricateElement(format, votes, this.#source))
      const numbers = Object.entries(last).filter(([field, value]) => field in vote && isNumber(value))
      const next = numbers.map(([field, value]) => [field, Number(value) + 1])
      invented.push(this.#changed({ ...vote, ...Object.fromEntries(next) }))
    }
    return invented
  }

  /** A point of that kind that somebody has come to, and not a later one than the own one. */
  #older(field: string, own: PlainValue): PlainValue {
    const known = [...(this.#reached.get(field)?.values() ?? [])]
    const older = known.filter((point) => numberIn(point) <= numberIn(own))
    return older.length === 0 ? own : pick(older, this.env.random)
  }

  #learn(utterance: Utterance): void {
    this.#memory.learn(utterance.message)
    const { testimony } = this.puppet.wire.roleOf(utterance) ?? {}
    if (testimony === undefined) return
    const { votes, reached } = testimony
    const last = listOf(utterance.message[votes]).at(-1)
    const begin = utterance.message[reached[0] ?? ''] ?? null
    if (last !== undefined) this.#reach = Math.max(this.#reach, numberIn(last) - numberIn(begin))
    for (const field of reached) {
      const points = this.#reached.get(field) ?? new Map<string, PlainValue>()
      this.#reached.set(field, points)
      const value = utterance.message[field] ?? null
      if (points.size < REMEMBERED_MAX) points.set(textOf(value), value)
    }
  }
}

const leafOf = (field: string) => ({ field, listed: true, content: false, means: undefined })

const isNumber = (value: PlainValue): value is number => typeof value === 'number'

const listOf = (value: PlainValue | undefined): readonly PlainValue[] => (Array.isArray(value) ? value : [])

const recordOf = (value: PlainValue | undefined): Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
    ? (value as Values)
    : {}

/** Points are told apart by a number. */
const numberIn = (point: PlainValue): number => Object.values(recordOf(point)).find(isNumber) ?? 0

export const perjureViews: Behaviour = {
  name: 'perjure-views',
  powers:
    'lies about what it voted for and how far it has come, about what follows from what all say, and in what it hands over',
  live: false,
  effect: { landmarks: ['new-view-refused'], faults: ['protocol-violation'] },
  create: (context) => new Perjurer(context)
}
