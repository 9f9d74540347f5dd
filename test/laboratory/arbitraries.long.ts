/** At length: see test/extent.ts. */
import './arbitraries.test.ts'
