/** At length: see test/extent.ts. */
import './flood.test.ts'
