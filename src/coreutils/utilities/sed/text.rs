//! Text that sed writes: what replaces a match, and the form of the `l` command.

use super::command::Piece;

/// Puts in what replaces a match.
pub fn fill(pieces: &[Piece], text: &str, captures: &[Option<(usize, usize)>], out: &mut String) {
    let (mut once, mut all) = (None, None);
    for piece in pieces {
        let piece = match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Group(number) => captures.get(*number).copied().flatten().map_or("", |(from, to)| &text[from..to]),
            Piece::Case(case @ ('u' | 'l')) => {
                once = Some(*case);
                continue;
            }
            Piece::Case(case) => {
                all = Some(*case).filter(|c| *c != 'E');
                continue;
            }
        };
        let mut changed = match all {
            Some('U') => piece.to_uppercase(),
            Some(_) => piece.to_lowercase(),
            None => piece.to_string(),
        };
        if let Some(first) = changed.chars().next()
            && let Some(case) = once.take()
        {
            let rest = changed.split_off(first.len_utf8());
            changed = if case == 'u' { first.to_uppercase().collect() } else { first.to_lowercase().collect() };
            changed.push_str(&rest);
        }
        out.push_str(&changed);
    }
}

/// The `l` command's form.
pub fn unambiguous(text: &str) -> String {
    let mut out = String::new();
    for byte in machine::text::to_bytes(text) {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => out.push(byte as char),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out + "$"
}
