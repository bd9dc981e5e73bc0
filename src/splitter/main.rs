//! Splits the engine's wasm module in two: what runs before the first prompt, which the page waits for, and the rest,
//! which comes behind. Binaryen's `wasm-split` does the like, but is in no package that the page's build can install.
//!
//! ```text
//! split-module trace IN OUT                       a module that marks which of its functions ran; says where, how many
//! split-module split IN RAN LOADER PRIMARY REST   the two modules
//! ```
//!
//! Memory, tables and globals stay one: the rest imports them. So the session's state is one linear memory, split or not.
#![allow(clippy::disallowed_types, reason = "this room runs on the real machine")]

mod module;
mod primary;
mod rest;
mod rewrite;
mod split;
#[cfg(test)]
mod tests;
mod trace;

use module::Module;
use split::Split;
use std::fmt;
use std::process::ExitCode;

const USAGE: &str = "\
usage: split-module trace IN OUT
       split-module split IN RAN LOADER PRIMARY REST

  IN       a module of one memory
  RAN      what a traced module left at the address that `trace` prints: a byte for each function, 0 where it never ran
  LOADER   how the name of the imported function begins that loads the rest: no parameters, no results
";

/// Why a module cannot be split: one line for whoever builds.
#[derive(Debug)]
pub struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<wasmparser::BinaryReaderError> for Failure {
    fn from(error: wasmparser::BinaryReaderError) -> Failure {
        Failure(error.to_string())
    }
}

impl From<wasm_encoder::reencode::Error> for Failure {
    fn from(error: wasm_encoder::reencode::Error) -> Failure {
        Failure(error.to_string())
    }
}

fn read(path: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure(format!("{path}: {error}")))
}

fn write(path: &str, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure(format!("{path}: {error}")))
}

fn perform(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        ["trace", input, output] => {
            let bytes = read(input)?;
            let module = Module::read(&bytes)?;
            write(output, &trace::trace(&module)?)?;
            println!("{} {}", trace::marks_at(&module), module.functions.len());
            Ok(())
        }
        ["split", input, ran, loader, primary, rest] => {
            let (bytes, ran) = (read(input)?, read(ran)?);
            let split = Split::plan(Module::read(&bytes)?, &ran, loader)?;
            write(primary, &primary::encode(&split)?)?;
            write(rest, &rest::encode(&split)?)
        }
        _ => Err(Failure(USAGE.to_owned())),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match perform(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("split-module: {failure}");
            ExitCode::FAILURE
        }
    }
}
