//! Variables, elements and fields; numbers, texts and expressions as they are set.

use std::cell::RefCell;
use std::rc::Rc;

use super::code::{Place, Target, special};
use super::memory::ELEMENT;
use super::record::{Record, Separator};
use super::table::Table;
use super::value::{Format, Value};
use super::vm::{Halt, Run, Slot, Vm};
use crate::regex::{Regex, Syntax};

/// Compiled expressions that are kept.
const MOST_REGEXES: usize = 100;

impl Vm<'_> {
    pub(super) fn slot(&mut self, place: Place) -> Option<&mut Slot> {
        match place {
            Place::Global(at) => self.globals.get_mut(at),
            Place::Local(at) => self.frames.last_mut()?.locals.get_mut(at),
        }
    }

    /// A variable as an array, which it becomes if nobody set it.
    pub fn array(&mut self, place: Place) -> Run<Rc<RefCell<Table>>> {
        let Some(slot) = self.slot(place) else { return Err(Halt::Fatal("no such variable".into())) };
        match slot {
            Slot::Array(table) => Ok(table.clone()),
            Slot::Either(table) => {
                let table = table.clone();
                *slot = Slot::Array(table.clone());
                Ok(table)
            }
            Slot::Value(Value::Unset) => {
                let table = Rc::new(RefCell::new(Table::default()));
                *slot = Slot::Array(table.clone());
                Ok(table)
            }
            Slot::Value(_) => Err(Halt::Fatal("scalar used as array".into())),
        }
    }

    /// The text of a special variable.
    pub fn text_of(&self, number: usize) -> Rc<str> {
        match self.globals.get(number) {
            Some(Slot::Value(Value::Number(number))) => super::value::short_text(*number).into(),
            Some(Slot::Value(Value::Text(text) | Value::Numeric(text, _))) => text.clone(),
            _ => "".into(),
        }
    }

    /// Sets a special variable.
    pub fn set_special(&mut self, number: usize, value: Value) {
        if let Some(slot) = self.globals.get_mut(number) {
            *slot = Slot::Value(value);
        }
    }

    pub(super) fn count_up(&mut self, number: usize) {
        let next = match self.globals.get(number) {
            Some(Slot::Value(value)) => value.number() + 1.0,
            _ => 1.0,
        };
        self.set_special(number, next.into());
    }

    /// How numbers become text where `CONVFMT` or `OFMT` says so. mawk takes 32 bits for an integer.
    pub(super) fn number_format(&self, number: usize) -> Format {
        let largest = if self.cx.is_busybox() { 9e18 } else { f64::from(i32::MAX) };
        Format { text: self.text_of(number), largest }
    }

    /// A value as `CONVFMT` writes it.
    pub fn string(&self, value: &Value) -> Rc<str> {
        match value {
            Value::Text(text) | Value::Numeric(text, _) => text.clone(),
            _ => value.string(&self.number_format(special::CONVFMT)),
        }
    }

    /// Takes a value from the stack.
    pub fn pop(&mut self) -> Run<Value> {
        match self.stack.pop() {
            Some(Slot::Value(value)) => Ok(value),
            Some(Slot::Either(_)) | None => Ok(Value::Unset),
            Some(Slot::Array(_)) => Err(Halt::Fatal("array used as scalar".into())),
        }
    }

    /// Takes a value as text.
    pub fn pop_text(&mut self) -> Run<Rc<str>> {
        let value = self.pop()?;
        Ok(self.string(&value))
    }

    /// Takes several; the first pushed comes first.
    pub fn pop_many(&mut self, count: usize) -> Run<Vec<Value>> {
        let mut values = Vec::with_capacity(count.min(64));
        for _ in 0..count {
            values.push(self.pop()?);
        }
        values.reverse();
        Ok(values)
    }

    /// Puts a value on the stack.
    pub fn push(&mut self, value: impl Into<Value>) {
        self.stack.push(Slot::Value(value.into()));
    }

    fn split_record(&mut self) -> Run {
        if !self.record.is_split() {
            let separator = self.text_of(special::FS);
            let separator = self.separator(&separator)?;
            self.record.split(&separator);
        }
        Ok(())
    }

    /// What a separator's text means.
    pub fn separator(&mut self, text: &Rc<str>) -> Run<Separator> {
        let mut chars = text.chars();
        Ok(match (chars.next(), chars.next()) {
            (Some(' '), None) => Separator::Blanks,
            (None, _) => Separator::Nothing,
            (Some(c), None) if c != '\\' => Separator::Char(c),
            _ => Separator::Pattern(self.regex(text)?),
        })
    }

    /// A compiled regular expression.
    pub fn regex(&mut self, text: &Rc<str>) -> Run<Rc<Regex>> {
        if let Some(regex) = self.regexes.get(text) {
            return Ok(regex.clone());
        }
        let compiled = Regex::new(&unescape_regex(text), Syntax { extended: true, ..Syntax::default() });
        let regex = Rc::new(compiled.map_err(|e| {
            Halt::Fatal(format!("regular expression compile failed ({})\n{text}", e.to_ascii_lowercase()))
        })?);
        if self.regexes.len() >= MOST_REGEXES {
            self.regexes.clear();
        }
        self.regexes.insert(text.clone(), regex.clone());
        Ok(regex)
    }

    /// `$0`.
    pub fn record_text(&mut self) -> Rc<str> {
        let (separator, format) = (self.text_of(special::OFS), self.number_format(special::CONVFMT));
        self.record.text(&separator, &format)
    }

    /// The value of a target; its index is taken from the stack.
    pub fn get(&mut self, target: Target) -> Run<Value> {
        match target {
            Target::Variable(Place::Global(special::NF)) => {
                self.split_record()?;
                Ok(Value::Number(self.record.count() as f64))
            }
            Target::Variable(place) => match self.slot(place) {
                Some(Slot::Value(value)) => Ok(value.clone()),
                Some(Slot::Array(_)) => Err(Halt::Fatal("array used as scalar".into())),
                Some(Slot::Either(_)) | None => Ok(Value::Unset),
            },
            Target::Element(place) => {
                let subscript = self.pop_text()?;
                let table = self.array(place)?;
                let value = table.borrow_mut().element(&subscript).clone();
                Ok(value)
            }
            Target::Field => {
                let number = self.field_number()?;
                if number == 0 {
                    let text = self.record_text();
                    return Ok(Value::from_input(&text));
                }
                self.split_record()?;
                Ok(self.record.field(number))
            }
        }
    }

    fn field_number(&mut self) -> Run<usize> {
        let number = self.pop()?.number();
        if (0.0..=super::record::MOST_FIELDS as f64).contains(&number) {
            return Ok(number as usize);
        }
        if self.cx.is_busybox() {
            return Err(Halt::Fatal("Access to negative field".into()));
        }
        Err(Halt::Fatal(format!("negative field index ${}", super::value::short_text(number))))
    }

    /// Sets a target; its index is taken from the stack.
    pub fn set(&mut self, target: Target, value: Value) -> Run {
        match target {
            Target::Variable(place) => {
                match place {
                    Place::Global(special::NF) => {
                        self.split_record()?;
                        self.record.set_count(value.number().max(0.0) as usize);
                    }
                    // The record that is here was read under the old separator.
                    Place::Global(special::FS) => self.split_record()?,
                    _ => {}
                }
                match self.slot(place) {
                    Some(Slot::Array(_)) => return Err(Halt::Fatal("array used as scalar".into())),
                    Some(slot) => *slot = Slot::Value(value),
                    None => {}
                }
            }
            Target::Element(place) => {
                let subscript = self.pop_text()?;
                let table = self.array(place)?;
                self.meter.kept(ELEMENT + subscript.len() + value.memory());
                *table.borrow_mut().element(&subscript) = value;
            }
            Target::Field => {
                let number = self.field_number()?;
                if number == 0 {
                    let text = self.string(&value);
                    self.record = Record::new(&text);
                } else {
                    self.split_record()?;
                    self.record.set_field(number, value);
                }
            }
        }
        Ok(())
    }
}

/// Escapes that awk knows in regular expressions and POSIX does not.
fn unescape_regex(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('r')) => out.push('\r'),
            ('\\', Some('f')) => out.push('\u{c}'),
            ('\\', Some('"')) => out.push('"'),
            ('\\', Some('/')) => out.push('/'),
            ('\\', Some('&')) => out.push('&'),
            ('\\', Some(other)) => out.extend(['\\', other]),
            ('\\', None) => out.push_str("\\\\"),
            (c, _) => out.push(c),
        }
    }
    out
}
