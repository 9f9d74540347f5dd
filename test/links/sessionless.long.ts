/** At length: see test/extent.ts. */
import './sessionless.test.ts'
