/**
 * What the liars among those who keep registers have in common: they tell the truth, but for their answers to reads.
 */
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import { openPorts } from '../stacks/paths.ts'
import type { BehaviourContext } from './behaviour.ts'
import { Puppeteer } from './puppeteer.ts'
import { type Format, textOf, type Utterance, Wire } from './wire.ts'

type Values = { readonly [field: string]: PlainValue }

/** An answer to a read, in its parts. */
export interface Answer {
  readonly format: Format
  /** Says which call it answers. */
  readonly call: Values
  /** Says what it is about, if it does. */
  readonly subject: Values
  /** What was found there. */
  readonly found: Values
}

/** It says which call it answers, and what was found; an acknowledgement, or a refusal, finds nothing. */
function readAnswer(utterance: Utterance, wire: Wire): Answer | undefined {
  const format = wire.formatOf(utterance)
  const { role, call, subject, content } = format?.role ?? {}
  if (format === undefined || role !== 'answer' || call === undefined || content === undefined)
    return undefined
  const values = (wanted: (name: string) => boolean): Values =>
    Object.fromEntries(
      format.fields.flatMap(([name]) => (wanted(name) ? [[name, utterance.message[name] ?? null]] : []))
    )
  return {
    format,
    call: values((name) => name === call),
    subject: values((name) => name === subject),
    found: values((name) => name !== call && name !== subject)
  }
}

/** Of what it is an answer: what answers it may be confused with are about the same. */
export const subjectOf = ({ format: { port, type }, subject }: Answer): string =>
  `${port}/${type}/${textOf(subject)}`

/** A context in which the behaviour only answers reads, or answers none. */
export function answering(context: BehaviourContext, answers: boolean): BehaviourContext {
  const wire = new Wire(openPorts(context.env, context.stack, context.options), context.env.group)
  const { carrier } = context
  return {
    ...context,
    carrier: {
      send: (to, bytes) => {
        const utterance = wire.read(bytes)
        const isAnswer = utterance !== undefined && readAnswer(utterance, wire) !== undefined
        if (isAnswer === answers) carrier.send(to, bytes)
      }
    }
  }
}

export abstract class FalseWitness extends Puppeteer {
  /** What it says instead, to whoever asked, that was found. */
  protected abstract falsify(answer: Answer, reader: ProcessId): Values

  protected override say(to: ProcessId, message: Uint8Array): void {
    const { wire } = this.puppet
    const utterance = wire.read(message)
    const answer = utterance && readAnswer(utterance, wire)
    if (answer === undefined) {
      this.tell(to, message)
      return
    }
    const { format, call, subject } = answer
    const found = this.falsify(answer, to)
    this.tell(
      to,
      wire.write({ port: format.port, message: { ...call, ...subject, ...found, type: format.type } })
    )
  }
}
