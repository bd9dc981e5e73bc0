//! The Redis server: a sans-IO engine, and the program that runs it on the machine.

mod data;
