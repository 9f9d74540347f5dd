/** At length: see test/extent.ts. */
import './hunt.test.ts'
