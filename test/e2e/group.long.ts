/** At length: see test/extent.ts. */
import './group.test.ts'
