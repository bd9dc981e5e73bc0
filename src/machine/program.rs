//! Programs, and the files that name them.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::sys::Sys;

/// How a program ended by itself: the low byte that `wait` reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExitCode(pub u8);

impl ExitCode {
    /// 0.
    pub const SUCCESS: ExitCode = ExitCode(0);
    /// 1.
    pub const FAILURE: ExitCode = ExitCode(1);
}

impl From<i32> for ExitCode {
    fn from(status: i32) -> ExitCode {
        ExitCode(status as u8)
    }
}

/// The future of a running program.
pub type MainFuture = Pin<Box<dyn Future<Output = ExitCode>>>;

/// A program of the machine: its name and its `main`. Arguments come from `Sys::args`.
#[derive(Clone)]
pub struct Program {
    /// The name by which executable files refer to it; not a path.
    pub name: &'static str,
    /// Makes the future that runs it. It may hold what the program is made of (dockerd its registry).
    pub main: Rc<dyn Fn(Sys) -> MainFuture>,
}

/// Builds a [`Program`] from a name and an `async fn main(sys: Sys) -> ExitCode`.
#[macro_export]
macro_rules! program {
    ($name:expr, $main:path) => {
        $crate::Program { name: $name, main: ::std::rc::Rc::new(|sys| Box::pin($main(sys))) }
    };
}

const MAGIC: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0";
const NAME_AT: usize = 64;
const MARK: &[u8] = b"drydock\0";

/// The content of an executable file that runs the program `name`: an ELF header for x86-64 with the
/// program's name behind it. Copies of the file run the same program. Its size on disk is whatever the
/// file system is told (`FileContent` can end in a hole).
pub fn program_file(name: &str) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.resize(NAME_AT, 0);
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(name.as_bytes());
    bytes.push(0);
    bytes
}

/// What stands behind the program's name in its file, each piece ended by a zero: how it was built.
pub fn build_notes(content: &[u8]) -> Vec<&str> {
    let Some(name) = program_name(content) else { return Vec::new() };
    let rest = content.get(NAME_AT + MARK.len() + name.len() + 1..).unwrap_or_default();
    let notes = rest.split(|&b| b == 0).map_while(|note| std::str::from_utf8(note).ok());
    notes.take_while(|note| !note.is_empty()).take(8).collect()
}

/// The name of the program that a file with this beginning runs.
pub(crate) fn program_name(head: &[u8]) -> Option<&str> {
    let rest = head.strip_prefix(MAGIC)?.get(NAME_AT - MAGIC.len()..)?.strip_prefix(MARK)?;
    let end = rest.iter().position(|&b| b == 0)?;
    std::str::from_utf8(&rest[..end]).ok()
}

/// What a `#!` line names: the interpreter and its one optional argument.
pub(crate) fn shebang(head: &[u8]) -> Option<(String, Option<String>)> {
    let line = head.strip_prefix(b"#!")?;
    let line = &line[..line.iter().position(|&b| b == b'\n').unwrap_or(line.len())];
    let line = crate::text::from_bytes(line);
    let line = line.trim_matches([' ', '\t']);
    if line.is_empty() {
        return None;
    }
    Some(match line.split_once([' ', '\t']) {
        Some((interpreter, argument)) => (interpreter.into(), Some(argument.trim_start().into())),
        None => (line.into(), None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_the_name_stands_how_it_was_built() {
        let mut file = program_file("redis-server");
        assert!(build_notes(&file).is_empty());
        file.extend_from_slice(b"8.0.5\0protected-mode=no\0");
        assert_eq!(build_notes(&file), ["8.0.5", "protected-mode=no"]);
    }

    #[test]
    fn a_program_file_names_its_program() {
        assert_eq!(program_name(&program_file("redis-server")), Some("redis-server"));
        assert_eq!(program_name(b"#!/bin/sh\n"), None);
    }

    #[test]
    fn shebang_lines_split_once() {
        assert_eq!(shebang(b"#! /bin/sh -e x\necho"), Some(("/bin/sh".into(), Some("-e x".into()))));
        assert_eq!(shebang(b"#!/bin/sh"), Some(("/bin/sh".into(), None)));
        assert_eq!(shebang(b"#!\n"), None);
    }
}
