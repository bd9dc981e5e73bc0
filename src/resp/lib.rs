//! The Redis wire protocol; pure.
