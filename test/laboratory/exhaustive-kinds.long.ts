/** At length: see test/extent.ts. */
import './exhaustive-kinds.test.ts'
