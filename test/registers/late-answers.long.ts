/** At length: see test/extent.ts. */
import './late-answers.test.ts'
