/** At length: see test/extent.ts. */
import './simulate.test.ts'
