/** At length: see test/extent.ts. */
import './handshake-durability.test.ts'
