//! Expansion: braces, tildes, parameters, commands, arithmetic, splitting, file names.

pub mod arith;
pub mod array;
mod brace;
mod command;
mod glob;
mod lookup;
mod param;
pub mod pattern;
mod place;
pub mod regex;
mod split;
mod tilde;
mod transform;

use crate::shell::{Eval, Fut, Shell};
use crate::syntax::ast::{Part, Word};
use crate::syntax::{Parser, is_name};

/// Braces that give more words than this are work that a slice cannot hold.
const MANY_WORDS: usize = 64;
/// What a word of them costs, in nanoseconds.
const WORD_COST: u64 = 200;

/// Where a piece of an expanded word came from, which decides what happens to it next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Unquoted text of the word: pattern characters in it count, blanks do not split.
    Literal,
    /// Quoted: nothing happens to it.
    Quoted,
    /// The unquoted result of an expansion: it is split, and pattern characters count.
    Expanded,
}

/// A piece of an expanded word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Where it came from.
    pub kind: Kind,
    /// Its text.
    pub text: String,
}

impl Piece {
    fn new(kind: Kind, text: impl Into<String>) -> Piece {
        Piece { kind, text: text.into() }
    }
}

/// A field before splitting. `"$@"` makes several of one word.
pub type Field = Vec<Piece>;

fn push(out: &mut Vec<Field>, piece: Piece) {
    match out.last_mut() {
        Some(field) => field.push(piece),
        None => out.push(vec![piece]),
    }
}

/// The text of a field, quotes removed.
fn text_of(field: &Field) -> String {
    field.iter().map(|piece| piece.text.as_str()).collect()
}

impl Shell {
    /// The arguments that words stand for: every expansion there is.
    pub async fn expand_words(&mut self, words: &[Word]) -> Eval<Vec<String>> {
        let mut arguments = Vec::new();
        for word in words {
            self.expand_word_into(word, &mut arguments).await?;
        }
        Ok(arguments)
    }

    /// The arguments that one word stands for, added to `arguments`.
    pub async fn expand_word_into(&mut self, word: &Word, arguments: &mut Vec<String>) -> Eval<()> {
        if let Some(text) = word.as_literal()
            && !text.contains(['{', '~', '*', '?', '[', '(', '\\'])
        {
            arguments.push(text.to_string());
            return Ok(());
        }
        let words = if self.settings.is_set("braceexpand") && self.is_bash() {
            match brace::expand(word) {
                Ok(words) => words,
                Err(brace::TooMany(count)) => {
                    self.error(format!("brace expansion: failed to allocate memory for {count} elements")).await;
                    vec![word.clone()]
                }
            }
        } else {
            vec![word.clone()]
        };
        let many = words.len() > MANY_WORDS;
        for word in words {
            if many {
                self.sys.tick(WORD_COST).await;
            }
            let mut fields = vec![Field::new()];
            let parts = self.expand_tilde(&word.parts, false);
            self.expand_parts(&parts, false, &mut fields).await?;
            let ifs = self.ifs();
            for field in split::split(fields, &ifs) {
                self.expand_pathname(field, arguments).await?;
            }
        }
        Ok(())
    }

    /// One string without splitting or file names: assignments, here-strings, subjects of `case`.
    pub async fn expand_string(&mut self, word: &Word) -> Eval<String> {
        if let Some(text) = word.as_literal()
            && !text.contains('~')
        {
            return Ok(text.to_string());
        }
        let fields = self.expand_unsplit(word, false).await?;
        Ok(fields.iter().map(text_of).collect::<Vec<_>>().join(" "))
    }

    /// As [`Shell::expand_string`], with tildes after `=` and `:` as in assignments.
    pub async fn expand_assigned(&mut self, word: &Word) -> Eval<String> {
        let fields = self.expand_unsplit(word, true).await?;
        Ok(fields.iter().map(text_of).collect::<Vec<_>>().join(" "))
    }

    /// A pattern: what was quoted is escaped.
    pub async fn expand_pattern(&mut self, word: &Word) -> Eval<String> {
        let fields = self.expand_unsplit(word, false).await?;
        Ok(fields.iter().map(pattern_of).collect::<Vec<_>>().join(" "))
    }

    /// A regular expression: what was quoted is escaped for one.
    pub async fn expand_regex(&mut self, word: &Word) -> Eval<String> {
        let fields = self.expand_unsplit(word, false).await?;
        let escaped = |piece: &Piece| match piece.kind {
            Kind::Quoted => piece.text.chars().fold(String::new(), |mut out, c| {
                if "\\.[]()*+?{}|^$".contains(c) {
                    out.push('\\');
                }
                out.push(c);
                out
            }),
            _ => piece.text.clone(),
        };
        let texts = fields.iter().map(|field| field.iter().map(escaped).collect::<String>());
        Ok(texts.collect::<Vec<_>>().join(" "))
    }

    async fn expand_unsplit(&mut self, word: &Word, assigned: bool) -> Eval<Vec<Field>> {
        let mut fields = vec![Field::new()];
        let parts = self.expand_tilde(&word.parts, assigned);
        self.expand_parts(&parts, false, &mut fields).await?;
        Ok(fields)
    }

    /// The text of a here-document or of an expression, in which everything counts as quoted.
    pub async fn expand_text(&mut self, word: &Word) -> Eval<String> {
        let mut fields = vec![Field::new()];
        self.expand_parts(&word.parts, true, &mut fields).await?;
        Ok(fields.iter().map(text_of).collect::<Vec<_>>().join(" "))
    }

    /// Expands parameters, commands and arithmetic in a text that a variable holds (prompts).
    pub async fn expand_prompt_text(&mut self, text: &str) -> String {
        let options = self.parse_options(None);
        let Ok(parts) = Parser::new(text, options).text_parts() else { return text.to_string() };
        let word = Word { parts, text: text.to_string() };
        let (status, substituted) = (self.status, self.substituted);
        let expanded = self.expand_text(&word).await;
        (self.status, self.substituted) = (status, substituted);
        expanded.unwrap_or_else(|_| text.to_string())
    }

    /// Expands parts; the last field of `out` is the one being made.
    pub fn expand_parts<'a>(
        &'a mut self,
        parts: &'a [Part],
        quoted: bool,
        out: &'a mut Vec<Field>,
    ) -> Fut<'a, Eval<()>> {
        Box::pin(async move {
            for part in parts {
                self.expand_part(part, quoted, out).await?;
            }
            Ok(())
        })
    }

    async fn expand_part(&mut self, part: &Part, quoted: bool, out: &mut Vec<Field>) -> Eval<()> {
        let kind = if quoted { Kind::Quoted } else { Kind::Expanded };
        match part {
            Part::Literal(text) => {
                push(out, Piece::new(if quoted { Kind::Quoted } else { Kind::Literal }, text));
            }
            Part::Quoted(text) => push(out, Piece::new(Kind::Quoted, text)),
            Part::DoubleQuoted(parts) => {
                if !self.is_empty_list(parts) {
                    push(out, Piece::new(Kind::Quoted, ""));
                }
                self.expand_parts(parts, true, out).await?;
            }
            Part::Param(param) => self.expand_param(param, quoted, out).await?,
            Part::Command(body) => {
                let text = self.substitute(&body.list).await?;
                push(out, Piece::new(kind, text));
            }
            Part::Backquote(text) => {
                let text = self.substitute_text(text).await?;
                push(out, Piece::new(kind, text));
            }
            Part::Arith(word) => {
                let text = self.expand_text(word).await?;
                let value = self.arith(&text).await?;
                push(out, Piece::new(kind, value.to_string()));
            }
            Part::Process { write, body } => {
                let path = self.substitute_process(*write, body).await?;
                push(out, Piece::new(Kind::Quoted, path));
            }
            Part::Array(_) => {}
        }
        Ok(())
    }

    /// `"$@"` of no parameters is no word at all.
    fn is_empty_list(&self, parts: &[Part]) -> bool {
        use crate::syntax::ast::{ParamOp, Subscript};
        match parts {
            [Part::Param(param)] if param.op == ParamOp::None => match (&param.name[..], &param.index) {
                ("@", None) => self.params.is_empty(),
                (name, Some(Subscript::At)) => self.vars.get(name).is_none_or(|var| var.values().is_empty()),
                _ => false,
            },
            _ => false,
        }
    }

    /// The characters that split fields.
    pub fn ifs(&self) -> String {
        self.vars.text("IFS").unwrap_or(" \t\n").to_string()
    }

    /// Evaluates an expression whose substitutions are done; prints what is wrong with it.
    pub async fn arith(&mut self, text: &str) -> Eval<i64> {
        match arith::evaluate(text, self) {
            Ok(value) => Ok(value),
            Err(message) => {
                let message = match self.flavour {
                    crate::Flavour::Bash => message,
                    crate::Flavour::Dash if message.contains("division by 0") => {
                        format!("arithmetic expression: division by zero: \"{text}\"")
                    }
                    crate::Flavour::Dash => format!("arithmetic expression: expecting primary: \"{text}\""),
                    crate::Flavour::Ash if message.contains("division by 0") => "divide by zero".to_string(),
                    crate::Flavour::Ash => "arithmetic syntax error".to_string(),
                };
                Err(self.expansion_error(message).await)
            }
        }
    }

    /// Whether the word is an assignment as `declare` and its kin take it.
    pub fn looks_like_assignment(text: &str) -> bool {
        text.split_once('=').is_some_and(|(name, _)| {
            let name = name.strip_suffix('+').unwrap_or(name);
            is_name(name.split_once('[').map_or(name, |(name, _)| name))
        })
    }
}

/// A field as a pattern: quoted text escaped.
fn pattern_of(field: &Field) -> String {
    let piece = |piece: &Piece| match piece.kind {
        Kind::Quoted => pattern::escape(&piece.text),
        _ => piece.text.clone(),
    };
    field.iter().map(piece).collect()
}
