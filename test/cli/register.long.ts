/** At length: see test/extent.ts. */
import './register.test.ts'
