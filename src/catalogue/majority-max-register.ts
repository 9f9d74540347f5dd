/** Max-register by majorities. */
import { failSilent } from '../core/model.ts'
import { MaxRegister } from '../registers/max-register.ts'
import { maxRegisterService } from '../registers/max-register-service.ts'
import { moreThanTwoF } from '../stacks/resilience.ts'
import type { MaxRegisterStack } from '../stacks/stack.ts'

export const majorityMaxRegister: MaxRegisterStack = {
  abstraction: 'max-register',
  services: [maxRegisterService],
  clients: true,
  name: 'majority-max-register',
  title: 'Max-register by majorities: it is raised and read, by all clients at once',
  source: 'Aspnes, Attiya, Censor 2009, over the members of CGR11 Algorithm 4.2',
  model: failSilent,
  resilience: moreThanTwoF,
  properties: ['termination', 'atomicity'],
  landmarks: ['several-in-flight', 'maximum-imposed'],
  build(env, ports) {
    const register = new MaxRegister(env, 'majority-max-register', ports)
    return {
      services: { [maxRegisterService.name]: register },
      restore() {},
      state: () => ({ [register.path]: register.state() })
    }
  }
}
