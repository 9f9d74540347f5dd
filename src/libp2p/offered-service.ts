/** Any service of a stack, as promises and iterations: what an application does with it, by what it declares. */
import type { RequestDeclaration, ServiceDeclaration } from '../core/service.ts'
import type { RecordOf, Shape, ValueOf } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { OperationOptions } from './register-service.ts'
import type { WaitOptions } from './waits.ts'

/** What a request returns in the end. */
export type ResultOf<R extends RequestDeclaration> = R extends { readonly result: infer T }
  ? T extends Shape<PlainValue>
    ? ValueOf<T>
    : undefined
  : 'result' extends keyof R
    ? PlainValue | undefined
    : undefined

/** A method for each request. It takes the arguments by the names that are declared. */
export type ServiceRequests<S extends ServiceDeclaration = ServiceDeclaration> = {
  readonly [N in keyof S['requests']]: (
    ...given: keyof S['requests'][N]['arguments'] extends never
      ? [given?: { readonly [name: string]: never }, options?: OperationOptions]
      : [given: RecordOf<S['requests'][N]['arguments']>, options?: OperationOptions]
  ) => Promise<ResultOf<S['requests'][N]>>
}

/** An indication, with its values by the names that are declared. */
export type Told<S extends ServiceDeclaration = ServiceDeclaration> = {
  readonly [N in keyof S['indications'] & string]: {
    readonly name: N
    readonly values: RecordOf<S['indications'][N]>
  }
}[keyof S['indications'] & string]

export interface AnyService {
  /**
   * What may be asked of a service that this process's stack offers. Several requests may be under way; those for which
   * the service has no room wait, up to REQUEST_WAITERS_MAX of them.
   *
   * Errors say whether the request certainly took no effect (`definite`): one that is declared to read never has one.
   *
   * @throws {InvalidParametersError} if the stack does not offer it; each method, for arguments that are not as
   * declared
   * @throws each method: {TimeoutError} {AbortError} {OperationInterruptedError} {WindowFullError}
   *   {NotStartedError}
   */
  service<const S extends ServiceDeclaration>(declaration: S): ServiceRequests<S>

  /**
   * What the service tells, in its order, from the first that nobody has consumed. Asking for the next consumes the one
   * before, and tells the service so if it declares by what. There is one consumer at a time. An iteration ends with
   * the life of the process; one that is given up, whose time is that of all of it, fails with an AbortError or a
   * TimeoutError.
   *
   * @throws {InvalidParametersError} if the stack does not offer it; where the iteration begins, {ConsumerBusyError};
   *   in it {IndicationsLostError}, after which another iteration goes on with those that are left
   */
  indications<const S extends ServiceDeclaration>(
    declaration: S,
    options?: WaitOptions
  ): AsyncIterable<Told<S>>
}
