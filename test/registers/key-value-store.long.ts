/** At length: see test/extent.ts. */
import './key-value-store.test.ts'
