//! The functions that awk has.

use std::rc::Rc;

use super::code::{Function, Place, Target, special};
use super::streams::status_number;
use super::value::Value;
use super::vm::{Halt, Run, Vm};
use crate::children;
use crate::utilities::printf::{Argument, formatted};

/// Bytes that one result may have.
const LONGEST: usize = 16 << 20;

impl Vm<'_> {
    /// Calls a function with `count` values on the stack; its result is left there.
    pub async fn function(&mut self, function: Function, count: usize) -> Run {
        match function {
            Function::Close => {
                let name = self.pop_text()?;
                let result = self.streams.close(self.cx, &name).await;
                self.push(result);
            }
            Function::Fflush => {
                self.pop_many(count)?;
                self.streams.flush(self.cx).await;
                self.push(0.0);
            }
            Function::System => {
                let command = self.pop_text()?;
                self.streams.flush(self.cx).await;
                let words = ["/bin/sh".to_string(), "-c".to_string(), command.to_string()];
                let result = match children::run(self.cx, &words, None).await {
                    Ok(status) => status_number(status),
                    Err(_) => 127.0,
                };
                self.push(result);
            }
            Function::Split(place) => self.split(place, count)?,
            Function::Sub(all, target) => self.substitute(all, target)?,
            Function::Match => self.find()?,
            Function::LengthOf(place) => self.length_of(place)?,
            _ => {
                let arguments = self.pop_many(count)?;
                let result = self.pure(function, &arguments)?;
                self.push(result);
            }
        }
        Ok(())
    }

    fn pure(&mut self, function: Function, arguments: &[Value]) -> Run<Value> {
        let number = |at: usize| arguments.get(at).map_or(0.0, Value::number);
        let text = |vm: &Vm, at: usize| arguments.get(at).map_or_else(|| Rc::from(""), |v| vm.string(v));
        if self.cx.is_busybox()
            && matches!(
                function,
                Function::Atan2 | Function::Cos | Function::Exp | Function::Log | Function::Sin | Function::Sqrt
            )
        {
            return Err(Halt::no_math());
        }
        Ok(match function {
            Function::Atan2 => number(0).atan2(number(1)).into(),
            Function::Cos => number(0).cos().into(),
            Function::Exp => number(0).exp().into(),
            Function::Int => number(0).trunc().into(),
            Function::Log => number(0).ln().into(),
            Function::Sin => number(0).sin().into(),
            Function::Sqrt => number(0).sqrt().into(),
            Function::Index => {
                let (whole, part) = (machine::text::to_bytes(&text(self, 0)), machine::text::to_bytes(&text(self, 1)));
                let found = if part.is_empty() {
                    Some(0).filter(|_| !whole.is_empty() && !self.cx.is_busybox())
                } else {
                    whole.windows(part.len()).position(|w| w == part)
                };
                (found.map_or(0, |at| at + 1) as f64).into()
            }
            Function::Length => {
                let whole = if arguments.is_empty() { self.record_text() } else { text(self, 0) };
                (machine::text::to_bytes(&whole).len() as f64).into()
            }
            Function::Rand => self.random().into(),
            Function::Srand => {
                let before = self.seed.0;
                let seed = match arguments.first() {
                    Some(value) => value.number(),
                    None => (self.cx.sys.wall_clock().0 / 1_000_000_000) as f64,
                };
                self.seed = (seed, seed.to_bits() | 1);
                before.into()
            }
            Function::Sprintf => {
                let bytes = self.format(arguments, "sprintf")?;
                Value::text(&machine::text::from_bytes(&bytes))
            }
            Function::Strftime => {
                let now = self.cx.sys.wall_clock().seconds();
                let seconds = arguments.get(1).map_or(now, |t| t.number() as i64);
                let format = if arguments.is_empty() { Rc::from("%c") } else { text(self, 0) };
                Value::text(&machine::calendar::strftime(&format, seconds))
            }
            Function::Systime => ((self.cx.sys.wall_clock().0 / 1_000_000_000) as f64).into(),
            Function::Substr => {
                let length = arguments.get(2).map(Value::number);
                Value::text(&substring(&text(self, 0), number(1), length, self.cx.is_busybox()))
            }
            Function::Tolower => Value::text(&text(self, 0).to_ascii_lowercase()),
            Function::Toupper => Value::text(&text(self, 0).to_ascii_uppercase()),
            _ => Value::Unset,
        })
    }

    /// A number from 0 to below 1: xorshift, seeded.
    fn random(&mut self) -> f64 {
        let mut state = self.seed.1;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.seed.1 = state;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn length_of(&mut self, place: Place) -> Run {
        match self.get(Target::Variable(place)) {
            Ok(value) => {
                let length = machine::text::to_bytes(&self.string(&value)).len();
                self.push(length as f64);
            }
            Err(_) => {
                let length = self.array(place)?.borrow().len();
                self.push(length as f64);
            }
        }
        Ok(())
    }

    fn split(&mut self, place: Place, count: usize) -> Run {
        let separator = if count > 1 { self.pop_text()? } else { self.text_of(special::FS) };
        let text = self.pop_text()?;
        let separator = self.separator(&separator)?;
        let table = self.array(place)?;
        let mut table = table.borrow_mut();
        table.clear();
        let pieces = separator.split(&text);
        for (at, piece) in pieces.iter().enumerate() {
            *table.element(&Rc::from((at + 1).to_string())) = Value::from_input(piece);
        }
        drop(table);
        self.push(pieces.len() as f64);
        Ok(())
    }

    fn find(&mut self) -> Run {
        let pattern = self.pop_text()?;
        let text = self.pop_text()?;
        let found = self.regex(&pattern)?.find_at(&text, 0).and_then(|c| c.first().copied().flatten());
        let bytes = |upto: usize| machine::text::to_bytes(text.get(..upto).unwrap_or("")).len() as f64;
        let (start, length) = found.map_or((0.0, -1.0), |(from, to)| (bytes(from) + 1.0, bytes(to) - bytes(from)));
        self.set_special(special::RSTART, start.into());
        self.set_special(special::RLENGTH, length.into());
        self.push(start);
        Ok(())
    }

    /// `sub` and `gsub`: the target's index, then above it nothing; below the replacement and the pattern.
    fn substitute(&mut self, all: bool, target: Target) -> Run {
        let index = if target.is_indexed() { Some(self.pop()?) } else { None };
        let replacement = self.pop_text()?;
        let pattern = self.pop_text()?;
        let regex = self.regex(&pattern)?;
        if let Some(index) = &index {
            self.push(index.clone());
        }
        let value = self.get(target)?;
        let text = self.string(&value);
        let (mut out, mut from, mut at, mut count) = (String::new(), 0, 0, 0.0);
        let mut last_end = None;
        while let Some((start, end)) = regex.find_at(&text, at).and_then(|c| c.first().copied().flatten()) {
            out.push_str(text.get(from..start).unwrap_or(""));
            // Nothing matches at the end of what just matched.
            if start != end || last_end != Some(start) {
                replace(&mut out, &replacement, text.get(start..end).unwrap_or(""));
                count += 1.0;
            }
            (from, at) = (end, end);
            last_end = Some(end);
            if start == end {
                let Some(c) = text.get(end..).and_then(|r| r.chars().next()) else { break };
                out.push(c);
                from = end + c.len_utf8();
                at = from;
            }
            if !all || at > text.len() {
                break;
            }
            if out.len() > LONGEST {
                return Err(Halt::Fatal("out of memory".into()));
            }
        }
        out.push_str(text.get(from..).unwrap_or(""));
        if count > 0.0 {
            if let Some(index) = index {
                self.push(index);
            }
            self.set(target, Value::text(&out))?;
        }
        self.push(count);
        Ok(())
    }

    /// A number as `%d` and its like take it: signed ones are C's `int`, where mawk stays at the end of the range
    /// and BusyBox gets what the processor makes of it.
    fn integer(&self, number: f64, letter: char) -> i64 {
        let fits = number > f64::from(i32::MIN) - 1.0 && number < f64::from(i32::MAX) + 1.0;
        match letter {
            'd' | 'i' if !fits && self.cx.is_busybox() => i64::from(i32::MIN),
            'd' | 'i' => i64::from(number as i32),
            _ => number as i64,
        }
    }

    /// `printf` and `sprintf`.
    pub fn format(&mut self, values: &[Value], caller: &str) -> Run<Vec<u8>> {
        let format = values.first().map_or_else(|| Rc::from(""), |v| self.string(v));
        let mut values = values.iter().skip(1);
        let (mut out, mut rest) = (Vec::new(), &*format);
        let missing = || Halt::Fatal(format!("not enough arguments passed to {caller}(\"{format}\")"));
        let lenient = self.cx.is_busybox();
        while let Some(at) = rest.find('%') {
            out.extend(machine::text::to_bytes(&rest[..at]));
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                out.push(b'%');
                rest = after;
                continue;
            }
            let end = rest.find(|c: char| !"-+ #0123456789.*'hlL".contains(c)).unwrap_or(rest.len());
            let Some(letter) = rest[end..].chars().next() else {
                out.push(b'%');
                break;
            };
            let mut spec = String::new();
            for c in rest[..end].chars() {
                match c {
                    '*' => {
                        let width = values.next().map(|v| v.number() as i64);
                        spec.push_str(&width.ok_or_else(missing)?.to_string());
                    }
                    c => spec.push(c),
                }
            }
            spec.push(letter);
            let whole = &rest[..end + letter.len_utf8()];
            rest = &rest[end + letter.len_utf8()..];
            let next = values.next();
            if next.is_none() && !lenient {
                return Err(missing());
            }
            let value = next.cloned().unwrap_or_default();
            let argument = match letter {
                'd' | 'i' | 'o' | 'x' | 'X' | 'u' => {
                    Argument::Integer(i128::from(self.integer(value.number(), letter)))
                }
                'e' | 'E' | 'f' | 'F' | 'g' | 'G' => Argument::Real(value.number()),
                'c' => Argument::Text(character(&value)),
                's' => Argument::Text(machine::text::to_bytes(&self.string(&value))),
                _ => return Err(Halt::Fatal(format!("bad conversion in {caller}(\"{format}\"): %{whole}"))),
            };
            out.extend(formatted(&spec, &argument));
            if out.len() > LONGEST {
                return Err(Halt::Fatal("out of memory".into()));
            }
        }
        out.extend(machine::text::to_bytes(rest));
        Ok(out)
    }
}

/// `%c`: a number is a character's code, of a text the first one counts.
fn character(value: &Value) -> Vec<u8> {
    match value {
        Value::Number(code) => vec![*code as i64 as u8],
        Value::Text(text) | Value::Numeric(text, _) => machine::text::to_bytes(text).into_iter().take(1).collect(),
        Value::Unset => Vec::new(),
    }
}

/// The replacement with `&` for what matched.
fn replace(out: &mut String, replacement: &str, matched: &str) {
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.peek() {
                Some('&' | '\\') => out.extend(chars.next()),
                _ => out.push('\\'),
            },
            '&' => out.push_str(matched),
            c => out.push(c),
        }
    }
}

/// Bytes from `start` on (1 is the first), `length` of them. Fractions are cut off; where it begins before the text,
/// mawk adds to the length what lies before 0, and BusyBox nothing.
fn substring(text: &str, start: f64, length: Option<f64>, busybox: bool) -> String {
    let bytes = machine::text::to_bytes(text);
    let start = start as i64;
    let mut length = length.map_or(i64::MAX, |length| length as i64);
    if start < 0 && !busybox {
        length = length.saturating_sub(start);
    }
    let from = (start.max(1) - 1).min(bytes.len() as i64) as usize;
    let count = length.clamp(0, (bytes.len() - from) as i64) as usize;
    machine::text::from_bytes(bytes.get(from..from + count).unwrap_or_default())
}
