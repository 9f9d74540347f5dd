/** A failure detector, as a service: it is asked for nothing, and tells who has crashed (CGR11 Module 2.6). */
import { defineService } from '../core/service.ts'
import { uint } from '../core/shapes.ts'

export const detectorService = defineService({
  name: 'detector',
  requests: {},
  indications: {
    /** That process has crashed, and will not come back. */
    detected: { member: uint() }
  }
})
