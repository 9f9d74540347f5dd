/** At length: see test/extent.ts. */
import './bounds.test.ts'
