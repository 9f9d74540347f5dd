/** At length: see test/extent.ts. */
import './consistent-broadcast.test.ts'
