/** At length: see test/extent.ts. */
import './cut-off.test.ts'
