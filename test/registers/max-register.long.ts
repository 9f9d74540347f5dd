/** At length: see test/extent.ts. */
import './max-register.test.ts'
