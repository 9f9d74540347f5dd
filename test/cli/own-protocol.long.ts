/** At length: see test/extent.ts. */
import './own-protocol.test.ts'
