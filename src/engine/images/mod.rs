//! What is done with images and their layers.

pub mod elsewhere;
pub mod instructions;
pub mod layers;
pub mod pull;
pub mod remove;
pub mod save;
pub mod tag;
pub mod transfer;
pub mod view;
