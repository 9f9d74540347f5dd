/** At length: see test/extent.ts. */
import './naming.test.ts'
