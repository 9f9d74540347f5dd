/** At length: see test/extent.ts. */
import './authenticated-links.test.ts'
