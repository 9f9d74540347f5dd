/** At length: see test/extent.ts. */
import './large-values.test.ts'
