/** At length: see test/extent.ts. */
import './beyond-resilience.test.ts'
