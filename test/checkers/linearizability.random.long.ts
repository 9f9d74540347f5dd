/** At length: see test/extent.ts. */
import './linearizability.random.test.ts'
