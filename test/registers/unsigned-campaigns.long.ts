/** At length: see test/extent.ts. */
import './unsigned-campaigns.test.ts'
