/** At length: see test/extent.ts. */
import './real-links.test.ts'
