/** At length: see test/extent.ts. */
import './selection.test.ts'
