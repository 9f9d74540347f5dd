/** At length: see test/extent.ts. */
import './tables.test.ts'
