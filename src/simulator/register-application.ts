/**
 * A client of registers: it reads and writes one after the other, as planned. Members are asked for nothing. An
 * operation that a crash interrupts has no answer, unless it is a write that the next life finishes.
 */
import { toHex } from '../core/bytes.ts'
import { type Group, publicKeyOf } from '../core/group.ts'
import type { Process } from '../core/process.ts'
import { type RegisterId, sharedBy, soleWriter, type WriteResult } from '../registers/register.ts'
import { type BuiltStack, buildStack } from '../stacks/build.ts'
import type { RegisterInstance, RegisterStack } from '../stacks/stack.ts'
import type { Application, ApplicationInit, LifeStack, Request } from './application.ts'

interface Wanted {
  readonly f: 'read' | 'write'
  readonly value: Uint8Array
  readonly key: number | undefined
}

interface Pending extends Wanted {
  readonly number: number
}

/** One of the registers that a run is about: of the first client, or of all clients. */
export function simulatedRegister({ writers }: RegisterStack, group: Group, key = 0): RegisterId {
  const name = key === 0 ? 'register' : `register ${key}`
  return writers === 'one'
    ? soleWriter(publicKeyOf(group, group.n) ?? new Uint8Array(32), name)
    : sharedBy(group.clients, name)
}

export class RegisterApplication implements Application {
  readonly #stack: RegisterStack
  readonly #init: ApplicationInit
  readonly #wanted: Wanted[] = []
  #group: Group | undefined
  #instance: RegisterInstance | undefined
  #process: Process | undefined
  /** Operations so far. */
  #operations = 0
  /** Under way, or a write of an earlier life that this one finishes. */
  #pending: Pending | undefined

  constructor(stack: RegisterStack, init: ApplicationInit) {
    this.#stack = stack
    this.#init = init
  }

  build(life: LifeStack, process: Process): BuiltStack<RegisterInstance> {
    this.#process = process
    this.#group = life.env.group
    const application = {
      resumed: (register: RegisterId, value: Uint8Array | null, { written }: WriteResult) =>
        this.#resumed(register, value, written)
    }
    const built = buildStack({ ...life, stack: this.#stack, application })
    this.#instance = built.instance
    return built
  }

  began(): void {
    // What was under way has no answer, unless it is a write that this life finishes.
    if (this.#pending?.f !== 'write' || this.#instance?.resuming === 0) this.#pending = undefined
    else this.#tell({ kind: 'resume', number: this.#pending.number })
    this.#next()
  }

  ended(): void {
    this.#process = undefined
  }

  ask(request: Request, payload: Uint8Array): void {
    if (request.kind !== 'operation') return
    this.#wanted.push({ f: request.f, value: payload, key: request.key })
    this.#next()
  }

  #next(): void {
    const process = this.#process
    const instance = this.#instance
    const group = this.#group
    const [wanted] = this.#wanted
    if (process === undefined || instance === undefined || group === undefined || wanted === undefined) return
    if (this.#pending !== undefined) return
    this.#wanted.shift()
    const operation = { ...wanted, number: ++this.#operations }
    this.#pending = operation
    const { f, value, key, number } = operation
    const written = f === 'write' ? toHex(value) : null
    this.#tell({ kind: 'invoke', number, f, value: written, ...(key !== undefined && { key }) })
    const register = simulatedRegister(this.#stack, group, key)
    const returned = (result: string | null, ok = true) => {
      if (this.#process !== process || this.#pending !== operation) return
      this.#return(operation, ok, result)
    }
    process.input(() => {
      if (f === 'read') instance.read(register, ({ value: read }) => returned(read && toHex(read)))
      else instance.write(register, value, (result) => returned(null, result.written))
    })
  }

  #return(operation: Pending, ok: boolean, result: string | null): void {
    this.#pending = undefined
    if (ok) this.#tell({ kind: 'return', number: operation.number, f: operation.f, result })
    this.#init.scheduler.after(0, () => this.#next(), this.#init.lane)
    if (ok) this.#init.onReturn(operation.number)
  }

  /** @param value - null: it is not said */
  #resumed({ name }: RegisterId, value: Uint8Array | null, written: boolean): void {
    const pending = this.#pending
    if (pending?.f !== 'write' || this.#group === undefined) return
    if (simulatedRegister(this.#stack, this.#group, pending.key).name !== name) return
    if (value !== null && toHex(pending.value) !== toHex(value)) return
    this.#return(pending, written, null)
  }

  #tell(
    event:
      | { kind: 'resume'; number: number }
      | { kind: 'invoke'; number: number; f: 'read' | 'write'; value: string | null; key?: number }
      | { kind: 'return'; number: number; f: 'read' | 'write'; result: string | null }
  ): void {
    this.#init.record({ time: this.#init.scheduler.now, process: this.#init.self, ...event })
  }
}
