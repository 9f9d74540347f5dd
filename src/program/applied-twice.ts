/**
 * A debug mode of replicated machines: each command is applied twice, the first time by a machine that is made for it
 * alone, under another clock, another time zone and other random numbers, and what that has changed is taken back. A
 * machine that is no function of command and state shows by another result, or by another value under some key; its
 * member stops there, and says which.
 *
 * It finds what differs between two calls in one process; what differs between engines or versions it does not. In a
 * thread beside the main one the time zone stays as it is: Node.js knows one for the process.
 *
 * Cost: each command twice, and a machine made for each.
 */
import { AssertionError } from '../core/assert.ts'
import { fromHex, sameBytes, toHex } from '../core/bytes.ts'
import type { ManagedState } from '../replication/managed-state.ts'
import type { CommandContext, StateMachine } from '../replication/state-machine.ts'

/** A machine that differs from itself. An AssertionError is no answer to a command: the member stops. */
export class NondeterministicMachineError extends AssertionError {
  override name = 'NondeterministicMachineError'
}

/**
 * For `replicated(name, appliedTwice(() => new Machine()))`: the same machine, tried at each command.
 *
 * @param make - makes a machine in its first state, each time it is called
 */
export function appliedTwice(make: () => StateMachine): () => StateMachine {
  return () => {
    const machine = make()
    return {
      apply(command, context) {
        const trial = new WatchedState(context.state)
        const tried = elsewhere(() => outcomeOf(make(), command.slice(), { ...context, state: trial }))
        const after = trial.takeBack()
        const watched = new WatchedState(context.state)
        const outcome = outcomeOf(machine, command, { ...context, state: watched })
        requireSameOutcome(tried, outcome)
        requireSameState(after, watched)
        if ('error' in outcome) throw outcome.error
        return outcome.result
      }
    }
  }
}

type Outcome = { readonly result: Uint8Array } | { readonly error: unknown }

function outcomeOf(machine: StateMachine, command: Uint8Array, context: CommandContext): Outcome {
  try {
    return { result: machine.apply(command, context) }
  } catch (error) {
    return { error }
  }
}

function requireSameOutcome(one: Outcome, other: Outcome): void {
  const said = (outcome: Outcome) =>
    'error' in outcome ? `throws ${String(outcome.error)}` : `returns ${toHex(outcome.result)}`
  const isSame =
    'error' in one || 'error' in other
      ? 'error' in one && 'error' in other
      : sameBytes(one.result, other.result)
  if (!isSame)
    throw new NondeterministicMachineError(
      `the machine is no function of command and state: once it ${said(one)}, and once it ${said(other)}`
    )
}

/** Values under keys, by the hexadecimal text of each; undefined: there is nothing. */
type Values = ReadonlyMap<string, Uint8Array | undefined>

function requireSameState(tried: Values, watched: WatchedState): void {
  const now = watched.after
  for (const name of new Set([...tried.keys(), ...now.keys()])) {
    // What one of the two did not change is what was there before both.
    const one = tried.has(name) ? tried.get(name) : watched.before(name)
    const other = now.has(name) ? now.get(name) : watched.before(name)
    if (one === undefined || other === undefined ? one !== other : !sameBytes(one, other))
      throw new NondeterministicMachineError(
        `the machine is no function of command and state: under the key ${name} it leaves ` +
          `${valueText(one)} once, and ${valueText(other)} once`
      )
  }
}

const valueText = (value: Uint8Array | undefined): string => (value === undefined ? 'nothing' : toHex(value))

/** Remembers what was under each key that is changed. */
class WatchedState implements ManagedState {
  readonly #state: ManagedState
  readonly #before = new Map<string, Uint8Array | undefined>()

  constructor(state: ManagedState) {
    this.#state = state
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#state.get(key)
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.#remember(key)
    this.#state.set(key, value)
  }

  delete(key: Uint8Array): boolean {
    this.#remember(key)
    return this.#state.delete(key)
  }

  range(from: Uint8Array, to?: Uint8Array): Iterable<readonly [Uint8Array, Uint8Array]> {
    return this.#state.range(from, to)
  }

  /** What is under the keys that were changed. */
  get after(): Values {
    return new Map([...this.#before.keys()].map((name) => [name, this.#state.get(fromHex(name))] as const))
  }

  /** What was under a key, changed or not. */
  before(name: string): Uint8Array | undefined {
    return this.#before.has(name) ? this.#before.get(name) : this.#state.get(fromHex(name))
  }

  /** Everything is as it was. @returns what was under the keys that had been changed */
  takeBack(): Values {
    const { after } = this
    for (const [name, value] of this.#before)
      if (value === undefined) this.#state.delete(fromHex(name))
      else this.#state.set(fromHex(name), value)
    return after
  }

  #remember(key: Uint8Array): void {
    const name = toHex(key)
    if (!this.#before.has(name)) this.#before.set(name, this.#state.get(key))
  }
}

const SHIFT_MS = 400 * 24 * 3600 * 1000 + 12_345_678
const ZONES = ['Pacific/Chatham', 'Asia/Kathmandu'] as const

/** Runs it with another clock, another time zone and other random numbers. */
function elsewhere<T>(run: () => T): T {
  const { Date: RealDate, Math: math } = globalThis
  const { random } = math
  const env = globalThis.process?.env
  const TZ = env?.TZ
  globalThis.Date = shifted(RealDate)
  math.random = () => 1 - random() || 0.5
  if (env !== undefined) env.TZ = ZONES.find((zone) => zone !== TZ)
  try {
    return run()
  } finally {
    globalThis.Date = RealDate
    math.random = random
    if (TZ !== undefined) env.TZ = TZ
    else delete env?.TZ
  }
}

/** A clock that is a year and some hours ahead. */
function shifted(RealDate: DateConstructor): DateConstructor {
  return new Proxy(RealDate, {
    construct: (target, given, self) =>
      Reflect.construct(target, given.length === 0 ? [target.now() + SHIFT_MS] : given, self),
    apply: (target) => new target(target.now() + SHIFT_MS).toString(),
    get: (target, name) => (name === 'now' ? () => target.now() + SHIFT_MS : Reflect.get(target, name))
  })
}
