/** An application that asks at once for whatever is planned, and so has several operations under way. */
import type { Process } from '../../core/process.ts'
import type { ServiceDeclaration, Values } from '../../core/service.ts'
import type { PlainValue } from '../../core/trace.ts'
import { buildLife } from '../../recording/recorder.ts'
import type { Application, ApplicationInit, LifeStack, Request } from '../../simulator/application.ts'
import type { ServiceEvent } from '../../simulator/history.ts'
import type { BuiltStack, StackInit } from '../../stacks/build.ts'
import type { StackInstance } from '../../stacks/stack.ts'

/** One operation, as a history tells it, and how it begins. */
export interface AskedOperation {
  readonly name: string
  readonly arguments: Values
  begin(returned: (result: PlainValue) => void): void
}

/** What is planned, as an operation of the component that is the service. */
export type OperationOf<C> = (component: C, request: Request, payload: Uint8Array) => AskedOperation

export class AskingAtOnce<C> implements Application {
  readonly #stack: StackInit<object, StackInstance>['stack']
  readonly #init: ApplicationInit
  readonly #service: ServiceDeclaration
  readonly #operationOf: OperationOf<C>
  readonly #wanted: (readonly [request: Request, payload: Uint8Array])[] = []
  #running: { readonly process: Process; readonly component: C } | undefined
  #operations = 0

  constructor(
    stack: StackInit<object, StackInstance>['stack'],
    init: ApplicationInit,
    service: ServiceDeclaration,
    operationOf: OperationOf<C>
  ) {
    this.#stack = stack
    this.#init = init
    this.#service = service
    this.#operationOf = operationOf
  }

  build(life: LifeStack, process: Process): BuiltStack<StackInstance> {
    const sink = this.#init.recordLife?.(life.env.incarnation)
    const built = buildLife({ ...life, stack: this.#stack, application: {} }, sink)
    this.#running = { process, component: built.instance.services[this.#service.name] as C }
    return built
  }

  began(): void {
    for (const wanted of this.#wanted.splice(0)) this.#ask(...wanted)
  }

  ended(): void {
    this.#running = undefined
  }

  ask(request: Request, payload: Uint8Array): boolean {
    const { name, requests } = this.#service
    if (request.service !== name || !Object.hasOwn(requests, request.name)) return false
    if (this.#running === undefined) this.#wanted.push([request, payload])
    else this.#ask(request, payload)
    return true
  }

  #ask(request: Request, payload: Uint8Array): void {
    const running = this.#running
    if (running === undefined) return
    const { name: service } = this.#service
    const operation = this.#operationOf(running.component, request, payload)
    const { name } = operation
    const number = ++this.#operations
    this.#tell({ kind: 'invoke', service, name, number, arguments: operation.arguments })
    const returned = (result: PlainValue) => {
      if (this.#running !== running) return
      this.#tell({ kind: 'return', service, name, number, result })
      this.#init.onReturn(number)
    }
    running.process.input(() => operation.begin(returned))
  }

  #tell(event: ServiceEvent): void {
    this.#init.record({ time: this.#init.scheduler.now, process: this.#init.self, ...event })
  }
}
