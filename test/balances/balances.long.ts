/** At length: see test/extent.ts. */
import './balances.test.ts'
