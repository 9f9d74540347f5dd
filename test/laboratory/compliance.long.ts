/** At length: see test/extent.ts. */
import './compliance.test.ts'
