//! Here-documents: their bodies stand on the lines after the one that names them.

use std::cell::OnceCell;
use std::rc::Rc;

use super::ast::{HereDoc, Part, Word};
use super::parser::Parser;
use super::{ParseResult, SyntaxError};

impl Parser<'_> {
    /// Notes a here-document whose delimiter was just read.
    pub(super) fn add_heredoc(&mut self, word: &Word, strip: bool) -> HereDoc {
        let quoted = word.parts.iter().any(|part| !matches!(part, Part::Literal(_)));
        let doc = HereDoc { delimiter: unquote(word), quoted, strip, body: Rc::new(OnceCell::new()) };
        self.pending.push((doc.clone(), self.line));
        doc
    }

    /// Reads the bodies of the here-documents of the line that just ended.
    pub(super) fn read_heredocs(&mut self) -> ParseResult<()> {
        for (doc, line) in std::mem::take(&mut self.pending) {
            self.read_heredoc(&doc, line)?;
        }
        Ok(())
    }

    /// At the end of a command line no here-document may be left.
    pub(super) fn finish_heredocs(&mut self) -> ParseResult<()> {
        if self.pending.is_empty() { Ok(()) } else { self.read_heredocs() }
    }

    fn read_heredoc(&mut self, doc: &HereDoc, line: u32) -> ParseResult<()> {
        let start = self.line;
        let mut body = String::new();
        let mut found = false;
        while self.byte().is_some() {
            let text = match self.rest().split_once('\n') {
                Some((text, _)) => text.to_string(),
                None => self.rest().to_string(),
            };
            self.pos += text.len();
            self.bump();
            let text = if doc.strip { text.trim_start_matches('\t') } else { &text };
            if text == doc.delimiter && (doc.quoted || !continues(&body)) {
                found = true;
                break;
            }
            body.push_str(text);
            body.push('\n');
        }
        if !found {
            if self.options.bash {
                let message = format!(
                    "warning: here-document at line {line} delimited by end-of-file (wanted `{}')",
                    doc.delimiter
                );
                self.warn(self.line, message);
            }
            if !self.src.ends_with('\n') && body.ends_with('\n') {
                body.pop();
            }
        }
        let word = if doc.quoted {
            Word { parts: vec![Part::Quoted(body.clone())], text: body }
        } else {
            let parts = self.inner(&body, start).text_parts()?;
            Word { parts, text: body }
        };
        // A body is read once for each redirection; a second one would be the parser's own mistake.
        doc.body.set(word).map_err(|_| SyntaxError::Other { message: "here-document read twice".into(), line })
    }

    /// Whether a here-document still waits for its end, as an interactive shell wants to know.
    pub fn heredoc_unfinished(&mut self) -> bool {
        self.take_warnings().iter().any(|(_, text)| text.contains("delimited by end-of-file"))
    }
}

fn continues(body: &str) -> bool {
    let body = body.strip_suffix('\n').unwrap_or(body);
    (body.len() - body.trim_end_matches('\\').len()) % 2 == 1
}

/// The delimiter: quotes removed, nothing expanded.
fn unquote(word: &Word) -> String {
    fn push(parts: &[Part], out: &mut String) {
        for part in parts {
            match part {
                Part::Literal(text) | Part::Quoted(text) => out.push_str(text),
                Part::DoubleQuoted(parts) => push(parts, out),
                Part::Param(param) => out.push_str(&param.text),
                Part::Command(body) => out.push_str(&format!("$({})", body.text)),
                Part::Backquote(text) => out.push_str(&format!("`{text}`")),
                Part::Arith(inner) => out.push_str(&format!("$(({}))", inner.text)),
                Part::Process { .. } | Part::Array(_) => {}
            }
        }
    }
    let mut out = String::new();
    push(&word.parts, &mut out);
    out
}
