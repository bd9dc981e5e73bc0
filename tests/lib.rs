//! Transcripts, simulations, frozen links, browser tests.
