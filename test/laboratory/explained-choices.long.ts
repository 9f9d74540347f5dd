/** At length: see test/extent.ts. */
import './explained-choices.test.ts'
