/** Bodies of the values of registers. */
import type { Environment } from '../core/environment.ts'
import { Bodies, bodyMessages, type Subjects } from '../exchange/bodies.ts'
import type { Ports } from '../links/ports.ts'
import { type RegisterId, registerProblem, registerShape } from './register.ts'

export const registerBodyMessages = bodyMessages(registerShape)

const REGISTERS: Subjects<RegisterId> = {
  messages: registerBodyMessages,
  problem(register) {
    const problem = registerProblem(register)
    return problem === undefined ? undefined : `a register with a wrong name: ${problem}`
  },
  nameOf: ({ name }) => name
}

export class RegisterBodies extends Bodies<RegisterId> {
  constructor(env: Environment, path: string, ports: Ports) {
    super(env, path, ports, REGISTERS)
  }
}
