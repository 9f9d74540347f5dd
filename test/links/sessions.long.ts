/** At length: see test/extent.ts. */
import './sessions.test.ts'
