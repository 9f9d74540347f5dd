/** At length: see test/extent.ts. */
import './clients.test.ts'
