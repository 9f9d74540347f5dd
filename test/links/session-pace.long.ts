/** At length: see test/extent.ts. */
import './session-pace.test.ts'
