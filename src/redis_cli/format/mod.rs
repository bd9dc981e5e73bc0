//! Replies as text: one module for each output mode of redis-cli.

mod csv;
mod json;
pub mod raw;
mod standard;

use resp::reply::Reply;

/// How replies are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// For people: quoted strings, numbered lists (`--no-raw`, the default on a terminal).
    Standard,
    /// For programs: strings as they are (`--raw`, the default into a pipe).
    Raw,
    /// `--csv`
    Csv,
    /// `--json`
    Json,
    /// `--quoted-json`
    QuotedJson,
}

/// What the raw form puts between things.
#[derive(Clone, Debug)]
pub struct Delimiters {
    /// `-d`: between elements of one reply
    pub element: Vec<u8>,
    /// `-D`: after a reply
    pub reply: Vec<u8>,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self { element: b"\n".to_vec(), reply: b"\n".to_vec() }
    }
}

/// A reply in a mode; `verbatim` is for commands like INFO whose text is shown as it is in every mode.
pub fn reply(reply: &Reply, output: Output, delimiters: &Delimiters, verbatim: bool) -> Vec<u8> {
    let mut out = Vec::new();
    match output {
        _ if verbatim => raw::write(&mut out, reply, delimiters),
        Output::Standard => standard::write(&mut out, reply, ""),
        Output::Raw => {
            raw::write(&mut out, reply, delimiters);
            out.extend_from_slice(&delimiters.reply);
        }
        Output::Csv => {
            csv::write(&mut out, reply);
            out.push(b'\n');
        }
        Output::Json | Output::QuotedJson => {
            json::write(&mut out, reply, output == Output::QuotedJson);
            out.push(b'\n');
        }
    }
    out
}

/// A push that nobody waited for: client-side caching's invalidations get a line of their own on a terminal.
pub fn push(message: &Reply, output: Output, delimiters: &Delimiters) -> Vec<u8> {
    if output == Output::Standard
        && let Some([kind, Reply::Array(keys)]) = message.elements()
        && kind.bytes().is_some_and(|b| b.starts_with(b"invalidate"))
    {
        let mut out = b"-> invalidate: ".to_vec();
        for (i, key) in keys.iter().enumerate() {
            out.extend(if i > 0 { &b", '"[..] } else { b"'" });
            out.extend(key.bytes().unwrap_or_default());
            out.push(b'\'');
        }
        out.push(b'\n');
        return out;
    }
    reply(message, output, delimiters, false)
}

/// The number that hiredis gives a reply type which redis-cli cannot print.
pub fn unprintable(reply: &Reply) -> Option<u8> {
    match reply {
        Reply::BigNumber(_) => Some(13),
        Reply::Map(pairs) => pairs.iter().find_map(|(k, v)| unprintable(k).or_else(|| unprintable(v))),
        other => other.elements()?.iter().find_map(unprintable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use resp::reply::ReplyReader;

    /// Wire bytes and what the real redis-cli 8.6.3 printed for them in each mode.
    const MATRIX: &[(&str, &str, &str, &str, &str, &str)] = &include!("matrix.in");

    fn show(wire: &str, output: Output) -> String {
        let mut reader = ReplyReader::new();
        reader.feed(wire.as_bytes());
        let parsed = reader.next_reply().unwrap().unwrap();
        String::from_utf8(reply(&parsed, output, &Delimiters::default(), false)).unwrap()
    }

    #[test]
    fn every_mode_prints_what_the_real_one_printed() {
        for (wire, standard, raw, csv, json, quoted) in MATRIX {
            assert_eq!(show(wire, Output::Standard), *standard, "{wire:?} --no-raw");
            assert_eq!(show(wire, Output::Raw), *raw, "{wire:?} --raw");
            assert_eq!(show(wire, Output::Csv), *csv, "{wire:?} --csv");
            assert_eq!(show(wire, Output::Json), *json, "{wire:?} --json");
            assert_eq!(show(wire, Output::QuotedJson), *quoted, "{wire:?} --quoted-json");
        }
    }

    #[test]
    fn invalidations_have_their_own_line() {
        let mut reader = ReplyReader::new();
        reader.feed(b">2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n");
        let message = reader.next_reply().unwrap().unwrap();
        assert_eq!(push(&message, Output::Standard, &Delimiters::default()), b"-> invalidate: 'a', 'b'\n");
    }
}
