/** At length: see test/extent.ts. */
import './exhaustive.test.ts'
