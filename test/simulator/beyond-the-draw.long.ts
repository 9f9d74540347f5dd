/** At length: see test/extent.ts. */
import './beyond-the-draw.test.ts'
