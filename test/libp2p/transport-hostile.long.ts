/** At length: see test/extent.ts. */
import './transport-hostile.test.ts'
