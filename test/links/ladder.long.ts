/** At length: see test/extent.ts. */
import './ladder.test.ts'
