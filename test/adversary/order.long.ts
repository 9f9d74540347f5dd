/** At length: see test/extent.ts. */
import './order.test.ts'
