/** What one process of an exhaustive exploration can meet next, each as a number. */
import type { ProcessId } from '../../core/group.ts'
import type { MessageId } from './menu.ts'

export type Input = number

export type ReadInput =
  /** Something of the liar's menu. */
  | { readonly kind: 'act'; readonly act: number }
  /** The timer that was set first goes off. */
  | { readonly kind: 'timer' }
  /** Its application asks for the next thing that it is to ask for. */
  | { readonly kind: 'request' }
  /** It stops, and does not come back. */
  | { readonly kind: 'crash' }
  /** What the liar answers to so manieth message that it was sent. */
  | { readonly kind: 'answer'; readonly to: number; readonly message: MessageId }
  /** The next message of another process arrives. */
  | { readonly kind: 'receipt'; readonly from: ProcessId; readonly message: MessageId }
  /** Only on fair-loss links: it is lost, it comes and will come once more, or the one behind it comes first. */
  | { readonly kind: Disturbance; readonly from: ProcessId; readonly message: MessageId }

export type Disturbance = 'lost' | 'doubled' | 'overtaken'

const KINDS = [
  'act',
  'timer',
  'request',
  'crash',
  'answer',
  'receipt',
  'lost',
  'doubled',
  'overtaken'
] as const
/** Of processes, of acts and of what the liar may be sent. */
const FIRST_MAX = 256

export function inputOf(read: ReadInput): Input {
  const [first, second] =
    read.kind === 'act'
      ? [read.act, 0]
      : read.kind === 'answer'
        ? [read.to, read.message]
        : 'from' in read
          ? [read.from, read.message]
          : [0, 0]
  return KINDS.indexOf(read.kind) + KINDS.length * (first + FIRST_MAX * second)
}

export function readInput(input: Input): ReadInput {
  const kind = KINDS[input % KINDS.length] as ReadInput['kind']
  const rest = Math.floor(input / KINDS.length)
  const first = rest % FIRST_MAX
  const message = Math.floor(rest / FIRST_MAX)
  switch (kind) {
    case 'act':
      return { kind, act: first }
    case 'answer':
      return { kind, to: first, message }
    case 'timer':
    case 'request':
    case 'crash':
      return { kind }
    default:
      return { kind, from: first, message }
  }
}
