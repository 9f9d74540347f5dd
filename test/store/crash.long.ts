/** At length: see test/extent.ts. */
import './crash.test.ts'
