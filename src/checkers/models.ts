/**
 * Models: what each operation does to one object that is used by one client at a time. Everything that a checker
 * knows of registers and stores is here, as data: which states a step needs, and which it leaves.
 */
import { shortened } from '../core/parameters.ts'
import { canonical, HistoryError, type Json, type Operation } from './operations.ts'

type Role = 'read' | 'write' | 'cas' | 'append' | 'delete'

export interface ObjectModel {
  readonly name: string
  readonly roles: { readonly [f: string]: Role }
  /** Before the first write; undefined where an object is absent until it is written. */
  readonly initial: Json | undefined
  /** Whether every operation names a key. */
  readonly keyed: boolean
}

/** `read` gives the value last written by `write`. */
export const registerModel = (initial: Json = null): ObjectModel => ({
  name: 'register',
  roles: { read: 'read', write: 'write' },
  initial,
  keyed: false
})

/** And `cas` with `[old, new]` writes new where it finds old; where it fails, the value was another. */
export const casRegisterModel = (initial: Json = null): ObjectModel => ({
  name: 'cas-register',
  roles: { read: 'read', write: 'write', cas: 'cas' },
  initial,
  keyed: false
})

/**
 * Keys with values. A key that is absent reads as null, or as "" in stores that have no null. `append` extends a
 * string, that of an absent key being empty; any other value counts as its JSON text.
 */
export const kvModel: ObjectModel = {
  name: 'kv',
  roles: { get: 'read', put: 'write', append: 'append', delete: 'delete', cas: 'cas' },
  initial: undefined,
  keyed: true
}

export const models: readonly ObjectModel[] = [registerModel(), casRegisterModel(), kvModel]

/** A state of one object, as the index of its value in {@link States}. */
export type State = number

export const IMPOSSIBLE: State = -1
/** The key has no value. */
const ABSENT: State = 0
/** Some value that no operation in view asks about. */
export const OTHER: State = 1

/** The values of one object, each with a number, so that comparing states is comparing numbers. */
export class States {
  readonly #byName = new Map<string, State>()
  /** What an append finds. */
  readonly #texts: string[] = ['', '']
  readonly #appended = new Map<string, State>()

  of(value: Json): State {
    return typeof value === 'string'
      ? this.#intern(`"${value}`, value)
      : this.#intern(canonical(value), canonical(value))
  }

  text(state: State): string {
    return this.#texts[state] ?? ''
  }

  append(state: State, text: string): State {
    if (state === OTHER) return OTHER
    const name = `${state} ${text}`
    let longer = this.#appended.get(name)
    if (longer === undefined) {
      longer = this.of(this.text(state) + text)
      this.#appended.set(name, longer)
    }
    return longer
  }

  #intern(name: string, text: string): State {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    this.#byName.set(name, this.#texts.length)
    return this.#texts.push(text) - 1
  }
}

/** What one operation requires of the state, and what it leaves. */
export interface Step {
  readonly operation: Operation
  readonly invoked: number
  /** Undefined for a step that need not be taken. */
  readonly returned: number | undefined
  /** The states in which it is possible; undefined for all. */
  readonly accepts?: readonly State[]
  /** States in which it is not possible. */
  readonly rejects?: readonly State[]
  /** The state that it leaves, whatever it found. */
  readonly writes?: State
  /** What it adds to the text that it found. A step with neither leaves the state as it is. */
  readonly appends?: string
}

export const changesState = (step: Step): boolean => step.writes !== undefined || step.appends !== undefined

export function isPossible({ accepts, rejects }: Step, state: State): boolean {
  if (accepts !== undefined) return accepts.includes(state)
  return rejects === undefined || !rejects.includes(state)
}

/** The state after a step, or {@link IMPOSSIBLE}. */
export function stateAfter(step: Step, state: State, states: States): State {
  if (!isPossible(step, state)) return IMPOSSIBLE
  if (step.writes !== undefined) return step.writes
  return step.appends === undefined ? state : states.append(state, step.appends)
}

export const initialState = ({ initial }: ObjectModel, states: States): State =>
  initial === undefined ? ABSENT : states.of(initial)

/** @throws {HistoryError} if the model has no such operation, or not with these values */
export function roleOf(model: ObjectModel, operation: Operation): Role {
  const { f, key, value, result, invoked, returned, outcome } = operation
  const role = Object.hasOwn(model.roles, f) ? model.roles[f] : undefined
  const refuse = (at: number | undefined, problem: string): never => {
    throw new HistoryError(`line ${at}: ${problem}`)
  }
  if (role === undefined)
    return refuse(
      invoked,
      `a ${model.name} has no ${shortened(f)}, but ${Object.keys(model.roles).join(', ')}`
    )
  if (model.keyed && (key ?? null) === null) return refuse(invoked, `${f} without a key`)
  if (outcome !== 'info' && !(returned !== undefined && returned >= invoked))
    return refuse(invoked, `${f} was answered, but not after its invocation`)
  if (role === 'cas' && !(Array.isArray(value) && value.length === 2))
    return refuse(invoked, `the value of ${f} is [old, new]`)
  if (role === 'append' && typeof value !== 'string') return refuse(invoked, `the value of ${f} is a string`)
  if (role === 'write' && value === undefined) return refuse(invoked, `${f} without a value`)
  if (role === 'read' && outcome === 'ok' && result === undefined)
    return refuse(returned, `ok of a ${f} without the value that was read`)
  const repeats = role === 'write' || role === 'cas' || role === 'append'
  if (repeats && result !== undefined && canonical(result) !== canonical(value ?? null))
    return refuse(returned, `ok of a ${f} with another value than its invocation on line ${invoked}`)
  return role
}

/**
 * Undefined for what neither tells of the state nor changes it: what failed, and what was read but not told.
 *
 * @throws {HistoryError}
 */
export function stepOf(operation: Operation, model: ObjectModel, states: States): Step | undefined {
  const role = roleOf(model, operation)
  const { value, result, invoked, returned, outcome } = operation
  const step = { operation, invoked, returned: outcome === 'info' ? undefined : returned }
  if (role === 'cas') {
    const [old, next] = value as readonly [Json, Json]
    // It failed, so it saw another value: that is an observation, like a read.
    if (outcome === 'fail') return { ...step, rejects: seenBy(old, model, states, 'fail') }
    return { ...step, accepts: seenBy(old, model, states, 'ok'), writes: states.of(next) }
  }
  if (outcome === 'fail') return undefined
  if (role === 'read')
    return outcome === 'ok' ? { ...step, accepts: seenBy(result ?? null, model, states, 'ok') } : undefined
  if (role === 'append') return { ...step, appends: value as string }
  return { ...step, writes: role === 'delete' ? ABSENT : states.of(value ?? null) }
}

/**
 * The states that show as this value. An absent key shows as null, or as ""; which of them a store means is not
 * known, so that a `cas` from "" on an absent key may succeed and may fail.
 */
function seenBy(value: Json, model: ObjectModel, states: States, outcome: 'ok' | 'fail'): State[] {
  const absent = model.initial === undefined && (value === null || (value === '' && outcome === 'ok'))
  return absent ? [states.of(value), ABSENT] : [states.of(value)]
}
