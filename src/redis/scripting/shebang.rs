//! The first line of a script or a library: `#!lua flags=… name=…`.

use super::script_flag;

/// What a library says about itself, and its code.
#[derive(Debug, PartialEq)]
pub struct Library<'a> {
    /// The interpreter's name.
    pub engine: Vec<u8>,
    /// The library's.
    pub name: Vec<u8>,
    /// What follows the first line, its line end included.
    pub code: &'a [u8],
}

fn error(text: &str) -> Vec<u8> {
    format!("ERR {text}").into_bytes()
}

fn error_about(text: &str, part: &[u8]) -> Vec<u8> {
    [b"ERR ", text.as_bytes(), part].concat()
}

/// Words of a line; none if its quotes don't match.
type Words = Option<Vec<Vec<u8>>>;

/// The first line's words and what follows, the line end included.
fn first_line(text: &[u8]) -> Option<(Words, &[u8])> {
    let end = text.iter().position(|c| *c == b'\n')?;
    Some((resp::split_args(&text[..end]), &text[end..]))
}

/// The flags and the code of a script for EVAL.
pub fn script(text: &[u8]) -> Result<(u32, &[u8]), Vec<u8>> {
    if !text.starts_with(b"#!") {
        return Ok((script_flag::COMPAT, text));
    }
    let Some((words, code)) = first_line(text) else { return Err(error("Invalid script shebang")) };
    let words = words.filter(|w| !w.is_empty()).ok_or_else(|| error("Invalid engine in script shebang"))?;
    if words[0] != b"#!lua" {
        return Err(error_about("Unexpected engine in script shebang: ", &words[0]));
    }
    let mut flags = 0;
    for word in &words[1..] {
        let Some(list) = word.strip_prefix(b"flags=") else {
            return Err(error_about("Unknown lua shebang option: ", word));
        };
        if list.is_empty() {
            continue;
        }
        for name in list.split(|c| *c == b',') {
            let known = script_flag::NAMES.iter().find(|(_, n)| n.as_bytes() == name);
            let Some((flag, _)) = known else {
                return Err(error_about("Unexpected flag in script shebang: ", name));
            };
            flags |= flag;
        }
    }
    Ok((flags, code))
}

/// What a library says about itself.
pub fn library(text: &[u8]) -> Result<Library<'_>, Vec<u8>> {
    if !text.starts_with(b"#!") {
        return Err(error("Missing library metadata"));
    }
    let Some((words, code)) = first_line(text) else { return Err(error("Invalid library metadata")) };
    let words = words.filter(|w| !w.is_empty()).ok_or_else(|| error("Invalid library metadata"))?;
    let engine = words[0].get(2..).unwrap_or_default().to_vec();
    let mut name: Option<Vec<u8>> = None;
    for word in &words[1..] {
        let is_name = word.get(..5).is_some_and(|w| w.eq_ignore_ascii_case(b"name="));
        if !is_name {
            return Err(error_about("Invalid metadata value given: ", word));
        }
        if name.is_some() {
            return Err(error("Invalid metadata value, name argument was given multiple times"));
        }
        name = Some(word[5..].to_vec());
    }
    let Some(name) = name else { return Err(error("Library name was not given")) };
    Ok(Library { engine, name, code })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read() {
        assert_eq!(script(b"return 1").unwrap().0, script_flag::COMPAT);
        let (flags, code) = script(b"#!lua flags=no-writes,allow-oom\nreturn 1").unwrap();
        assert_eq!(flags, script_flag::NO_WRITES | script_flag::ALLOW_OOM);
        assert_eq!(code, b"\nreturn 1");
        assert_eq!(script(b"#!lua").unwrap_err(), b"ERR Invalid script shebang");
        assert_eq!(script(b"#!js\n").unwrap_err(), b"ERR Unexpected engine in script shebang: #!js");
        assert_eq!(script(b"#!lua a=b\n").unwrap_err(), b"ERR Unknown lua shebang option: a=b");
    }

    #[test]
    fn a_library_has_one_name() {
        assert_eq!(library(b"#!LUA NAME=a\nx").unwrap().name, b"a");
        assert_eq!(library(b"x").unwrap_err(), b"ERR Missing library metadata");
        assert_eq!(library(b"#!lua\nx").unwrap_err(), b"ERR Library name was not given");
        assert!(library(b"#!lua name=a name=b\nx").unwrap_err().ends_with(b"given multiple times"));
    }
}
