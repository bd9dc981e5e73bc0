//! Assembles a world: boot(seed), input, advance, view.
