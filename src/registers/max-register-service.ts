/** A max-register, as a service: what a client asks for. */
import { defineService } from '../core/service.ts'
import { uint } from '../core/shapes.ts'

export const maxRegisterService = defineService({
  name: 'max-register',
  requests: {
    /** Returns the value once no later read returns a lower one. */
    raise: { arguments: { value: uint() }, result: uint() },
    read: { arguments: {}, result: uint(), reads: true }
  },
  indications: {}
})
