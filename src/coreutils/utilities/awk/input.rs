//! What a program reads: the files that `ARGV` names, and `getline`'s own.

use std::rc::Rc;

use machine::Fd;

use super::code::{Place, Source, Target, special};
use super::record::Record;
use super::streams::{Reader, RecordEnd};
use super::value::Value;
use super::vm::{Halt, Run, Slot, Vm};

/// Where the main input stands.
#[derive(Default)]
pub struct Input {
    pub(super) reader: Option<Reader>,
    /// The next of `ARGV`.
    pub(super) next: usize,
    any: bool,
    done: bool,
}

impl Input {
    /// Nothing is read yet.
    pub fn new() -> Input {
        Input { next: 1, ..Input::default() }
    }
}

impl Vm<'_> {
    fn record_end(&mut self) -> Run<RecordEnd> {
        let text = self.text_of(special::RS);
        let mut chars = text.chars();
        Ok(match (chars.next(), chars.next()) {
            (None, _) => RecordEnd::Paragraph,
            (Some(c), None) if c.is_ascii() => RecordEnd::Byte(c as u8),
            _ => RecordEnd::Pattern(self.regex(&text)?),
        })
    }

    /// The next record of the files that `ARGV` names.
    pub async fn next_record(&mut self) -> Run<Option<String>> {
        let end = self.record_end()?;
        while !self.input.done {
            if self.input.reader.is_none() && !self.open_next().await? {
                self.input.done = true;
                break;
            }
            let Some(reader) = &mut self.input.reader else { break };
            match reader.next(self.cx, &end).await {
                Ok(Some(record)) => {
                    self.count_up(special::NR);
                    self.count_up(special::FNR);
                    return Ok(Some(record));
                }
                Ok(None) => self.close_input().await,
                Err(error) => {
                    let name = self.text_of(special::FILENAME);
                    self.cx.error(format_args!("{name}: {error}")).await;
                    self.close_input().await;
                }
            }
        }
        Ok(None)
    }

    async fn close_input(&mut self) {
        self.input.reader = None;
    }

    /// Skips the rest of the current file.
    pub fn skip_file(&mut self) {
        self.input.reader = None;
    }

    /// Opens the next operand that is a file; assignments among them take place.
    async fn open_next(&mut self) -> Run<bool> {
        loop {
            let count = match self.globals.get(special::ARGC) {
                Some(Slot::Value(value)) => value.number() as usize,
                _ => 0,
            };
            if self.input.next >= count {
                if self.input.any {
                    return Ok(false);
                }
                self.input.any = true;
                self.input.reader = Some(Reader::new(Fd::STDIN));
                self.set_special(special::FILENAME, Value::text("-"));
                return Ok(true);
            }
            let subscript: Rc<str> = self.input.next.to_string().into();
            self.input.next += 1;
            let table = self.array(Place::Global(special::ARGV))?;
            let name = if table.borrow().has(&subscript) {
                let value = table.borrow_mut().element(&subscript).clone();
                self.string(&value)
            } else {
                continue;
            };
            if name.is_empty() || self.assign(&name) {
                continue;
            }
            self.input.any = true;
            let path = if &*name == "/dev/stdin" { "-" } else { &*name };
            match self.cx.open(path).await {
                Ok(fd) => {
                    self.input.reader = Some(Reader::new(fd));
                    self.set_special(special::FILENAME, Value::text(&name));
                    self.set_special(special::FNR, 0.0.into());
                    return Ok(true);
                }
                Err(error) if self.cx.is_busybox() => {
                    self.cx.error(format_args!("{name}: {error}")).await;
                    self.status = 1;
                }
                Err(error) => return Err(Halt::Fatal(format!("cannot open {name} ({error})"))),
            }
        }
    }

    /// `name=value`; whether it is one.
    pub fn assign(&mut self, word: &str) -> bool {
        let Some((name, value)) = word.split_once('=') else { return false };
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name {
            return false;
        }
        let value = Value::from_input(&super::lexer::unescape(value));
        // A name that the program does not use is set for nobody.
        if let Some(number) = self.code.globals.iter().position(|g| g == name) {
            let _ = self.set(Target::Variable(Place::Global(number)), value);
        }
        true
    }

    /// Fills a special array.
    pub fn fill(&mut self, number: usize, elements: impl Iterator<Item = (String, String)>) {
        if let Ok(table) = self.array(Place::Global(number)) {
            for (name, value) in elements {
                *table.borrow_mut().element(&name.into()) = Value::from_input(&value);
            }
        }
    }

    pub(super) async fn getline(&mut self, source: Source, target: Option<Target>) -> Run {
        // The file's name lies above the target's index, a command below it.
        let mut name = if source == Source::File { self.pop_text()? } else { "".into() };
        let index = match target {
            Some(target) if target.is_indexed() => Some(self.pop()?),
            _ => None,
        };
        if source == Source::Command {
            name = self.pop_text()?;
        }
        let record = if source == Source::Input {
            self.next_record().await?
        } else {
            let end = self.record_end()?;
            let read = match self.streams.reader(self.cx, source == Source::Command, &name).await {
                Ok(reader) => reader.next(self.cx, &end).await,
                Err(error) => Err(error),
            };
            match read {
                Ok(record) => {
                    if record.is_some() && source == Source::Command {
                        self.count_up(special::NR);
                    }
                    record
                }
                Err(_) => {
                    self.push(-1.0);
                    return Ok(());
                }
            }
        };
        let Some(record) = record else {
            self.push(0.0);
            return Ok(());
        };
        match target {
            Some(target) => {
                if let Some(index) = index {
                    self.push(index);
                }
                self.set(target, Value::from_input(&record))?;
            }
            None => self.record = Record::new(&record),
        }
        self.push(1.0);
        Ok(())
    }
}
