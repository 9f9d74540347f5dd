/** At length: see test/extent.ts. */
import './behaviours.test.ts'
