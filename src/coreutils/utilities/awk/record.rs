//! The current record and its fields.

use std::rc::Rc;

use super::value::{Format, Value};
use crate::regex::Regex;

/// How a text is cut into fields.
pub enum Separator {
    /// Runs of white space; none at the ends.
    Blanks,
    /// Each character is a field.
    Nothing,
    /// One character.
    Char(char),
    /// A regular expression.
    Pattern(Rc<Regex>),
}

impl Separator {
    /// Cuts a text.
    pub fn split<'a>(&self, text: &'a str) -> Vec<&'a str> {
        if text.is_empty() {
            return Vec::new();
        }
        match self {
            Separator::Blanks => text.split([' ', '\t', '\n']).filter(|f| !f.is_empty()).collect(),
            Separator::Nothing => {
                text.char_indices().map(|(at, c)| text.get(at..at + c.len_utf8()).unwrap_or("")).collect()
            }
            Separator::Char(c) => text.split(*c).collect(),
            Separator::Pattern(regex) => {
                let (mut fields, mut from, mut at) = (Vec::new(), 0, 0);
                while let Some((start, end)) = regex.find_at(text, at).and_then(|c| c.first().copied().flatten()) {
                    if end > start {
                        fields.push(text.get(from..start).unwrap_or(""));
                        from = end;
                        at = end;
                    } else {
                        at = start + text.get(start..).and_then(|r| r.chars().next()).map_or(1, char::len_utf8);
                    }
                    if at >= text.len() {
                        break;
                    }
                }
                fields.push(text.get(from..).unwrap_or(""));
                fields
            }
        }
    }
}

/// The record. Fields are cut when one is asked for; the text is put together again when it is asked for.
pub struct Record {
    text: Rc<str>,
    fields: Option<Vec<Value>>,
    text_is_stale: bool,
}

/// More fields than this are refused.
pub const MOST_FIELDS: usize = 32_767;

impl Record {
    /// A record of the input.
    pub fn new(text: &str) -> Record {
        Record { text: text.into(), fields: None, text_is_stale: false }
    }

    /// `$0`.
    pub fn text(&mut self, output_separator: &str, format: &Format) -> Rc<str> {
        if self.text_is_stale {
            let fields = self.fields.iter().flatten().map(|f| f.string(format));
            let mut text = String::new();
            for (at, field) in fields.enumerate() {
                if at > 0 {
                    text.push_str(output_separator);
                }
                text.push_str(&field);
            }
            self.text = text.into();
            self.text_is_stale = false;
        }
        self.text.clone()
    }

    /// Whether the fields are cut.
    pub fn is_split(&self) -> bool {
        self.fields.is_some()
    }

    /// Cuts the fields unless they are.
    pub fn split(&mut self, separator: &Separator) {
        if self.fields.is_none() {
            self.fields = Some(separator.split(&self.text).into_iter().map(Value::from_input).collect());
        }
    }

    /// `NF`, of a record that is split.
    pub fn count(&self) -> usize {
        self.fields.as_ref().map_or(0, Vec::len)
    }

    /// A field of a record that is split, from 1 on.
    pub fn field(&self, number: usize) -> Value {
        let fields = self.fields.as_ref();
        let found = number.checked_sub(1).and_then(|at| fields?.get(at).cloned());
        found.unwrap_or_else(|| Value::text(""))
    }

    /// Sets a field of a record that is split.
    pub fn set_field(&mut self, number: usize, value: Value) {
        let fields = self.fields.get_or_insert_default();
        let Some(at) = number.checked_sub(1).filter(|at| *at < MOST_FIELDS) else { return };
        if fields.len() <= at {
            fields.resize(at + 1, Value::text(""));
        }
        if let Some(field) = fields.get_mut(at) {
            *field = value;
        }
        self.text_is_stale = true;
    }

    /// Sets `NF` of a record that is split.
    pub fn set_count(&mut self, count: usize) {
        self.fields.get_or_insert_default().resize(count.min(MOST_FIELDS), Value::text(""));
        self.text_is_stale = true;
    }
}
