/** At length: see test/extent.ts. */
import './agreement.test.ts'
