//! What the README's commands do: set up, build, serve, test, measure.
