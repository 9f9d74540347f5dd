/** At length: see test/extent.ts. */
import './transferred.test.ts'
