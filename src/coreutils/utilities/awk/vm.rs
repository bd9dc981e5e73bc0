//! The machine that runs a program: one loop over operations.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use machine::sys::memory::MemoryMeter;

use super::code::{Binary, Code, Op, Place, Redirect, Target, special};
use super::input::Input;
use super::record::Record;
use super::streams::Streams;
use super::table::Table;
use super::value::Value;
use crate::context::Context;
use crate::regex::Regex;

/// CPU time of an operation, in nanoseconds.
const OPERATION: u64 = 40;
/// Operations between two chances for others.
const BATCH: u32 = 64;
/// Calls within calls.
const DEEPEST_CALL: usize = 1000;

/// What a variable holds.
#[derive(Clone, Debug)]
pub enum Slot {
    /// A scalar.
    Value(Value),
    /// An array.
    Array(Rc<RefCell<Table>>),
    /// Nobody knows yet: it was handed to a function unset, which may use it as an array.
    Either(Rc<RefCell<Table>>),
}

impl Default for Slot {
    fn default() -> Slot {
        Slot::Value(Value::Unset)
    }
}

/// Why the program stops.
pub enum Halt {
    /// It cannot go on: what to say.
    Fatal(String),
    /// `exit`.
    Exit,
}

impl Halt {
    /// What BusyBox says of everything beyond arithmetic.
    pub fn no_math() -> Halt {
        Halt::Fatal("Math support is not compiled in".into())
    }
}

/// A result of running something.
pub type Run<T = ()> = Result<T, Halt>;

#[derive(Default)]
pub(super) struct Frame {
    pub(super) locals: Vec<Slot>,
    back: usize,
    pub(super) iterators: usize,
}

/// A running program.
pub struct Vm<'a> {
    /// The utility.
    pub cx: &'a mut Context,
    pub(super) code: &'a Code,
    pub(super) stack: Vec<Slot>,
    pub(super) globals: Vec<Slot>,
    pub(super) frames: Vec<Frame>,
    iterators: Vec<std::vec::IntoIter<Rc<str>>>,
    /// The record.
    pub record: Record,
    pub(super) regexes: BTreeMap<Rc<str>, Rc<Regex>>,
    pub(super) ranges: Vec<bool>,
    /// Open files.
    pub streams: Streams,
    pub(super) input: Input,
    /// The seed of `rand`, and the state it led to.
    pub seed: (f64, u64),
    /// The status to end with.
    pub status: u8,
    batch: u32,
    pub(super) meter: MemoryMeter,
}

/// How a phase ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// At its end, or with `next`.
    Normally,
    /// With `nextfile`.
    File,
}

impl<'a> Vm<'a> {
    /// A program that has not begun.
    pub fn new(cx: &'a mut Context, code: &'a Code) -> Vm<'a> {
        let mut globals = vec![Slot::default(); code.globals.len()];
        let mut set = |number: usize, value: Value| globals[number] = Slot::Value(value);
        for (number, text) in [
            (special::FS, " "),
            (special::OFS, " "),
            (special::ORS, "\n"),
            (special::RS, "\n"),
            (special::SUBSEP, "\u{1c}"),
            (special::CONVFMT, "%.6g"),
            (special::OFMT, "%.6g"),
        ] {
            set(number, Value::text(text));
        }
        for number in [special::NF, special::NR, special::FNR, special::RSTART] {
            set(number, Value::Number(0.0));
        }
        set(special::RLENGTH, Value::Number(-1.0));
        Vm {
            cx,
            code,
            stack: Vec::new(),
            globals,
            frames: Vec::new(),
            iterators: Vec::new(),
            record: Record::new(""),
            regexes: BTreeMap::new(),
            ranges: vec![false; code.ranges],
            streams: Streams::default(),
            input: Input::new(),
            seed: (0.0, 1),
            status: 0,
            batch: 0,
            meter: MemoryMeter::default(),
        }
    }

    // ---- output ----

    async fn print(&mut self, count: usize, redirect: Option<Redirect>, formatted: bool) -> Run {
        let name = if redirect.is_some() { Some(self.pop_text()?) } else { None };
        let values = self.pop_many(count)?;
        let text = if formatted {
            self.format(&values, "printf")?
        } else {
            let format = self.number_format(special::OFMT);
            let mut text = String::new();
            if values.is_empty() {
                text.push_str(&self.record_text());
            }
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    text.push_str(&self.text_of(special::OFS));
                }
                text.push_str(&value.string(&format));
            }
            text.push_str(&self.text_of(special::ORS));
            machine::text::to_bytes(&text)
        };
        match (redirect, name) {
            (Some(redirect), Some(name)) => {
                let done = self.streams.write(self.cx, redirect, &name, &text).await;
                done.map_err(|error| {
                    Halt::Fatal(match (redirect, self.cx.is_busybox()) {
                        (_, true) => format!("can't open '{name}': {error}"),
                        (Redirect::Pipe, _) => format!("cannot open \"{name}\" for output ({error})"),
                        _ => format!("cannot open \"{name}\" for output ({error})"),
                    })
                })
            }
            _ => {
                self.cx.put(&text).await;
                Ok(())
            }
        }
    }

    // ---- running ----

    /// Runs a phase from its entry.
    pub async fn run(&mut self, entry: usize) -> Run<Ended> {
        self.stack.clear();
        self.frames.clear();
        self.iterators.clear();
        let mut at = entry;
        loop {
            self.batch += 1;
            if self.batch >= BATCH {
                self.batch = 0;
                self.cx.sys.tick(u64::from(BATCH) * OPERATION).await;
                self.tell_memory()?;
            }
            let Some(op) = self.code.ops.get(at) else { return Ok(Ended::Normally) };
            at += 1;
            match op {
                Op::Getline(source, target) => self.getline(*source, *target).await?,
                Op::Print(count, redirect) => self.print(*count, *redirect, false).await?,
                Op::Printf(count, redirect) => self.print(*count, *redirect, true).await?,
                Op::Function(function, count) => self.function(*function, *count).await?,
                Op::Jump(to) => at = *to,
                Op::JumpIf(to) => {
                    if self.pop()?.is_true() {
                        at = *to;
                    }
                }
                Op::JumpUnless(to) => {
                    if !self.pop()?.is_true() {
                        at = *to;
                    }
                }
                Op::ForNext(to) => match self.iterators.last_mut().and_then(Iterator::next) {
                    Some(subscript) => self.push(Value::from_input(&subscript)),
                    None => at = *to,
                },
                Op::Call(routine, count) => at = self.call(*routine, *count, at)?,
                Op::Return => {
                    let Some(frame) = self.frames.pop() else { return Ok(Ended::Normally) };
                    self.iterators.truncate(frame.iterators);
                    at = frame.back;
                }
                Op::Next | Op::EndOfPhase => return Ok(Ended::Normally),
                Op::NextFile => return Ok(Ended::File),
                Op::Exit(valued) => {
                    if *valued {
                        self.status = self.pop()?.number() as i64 as u8;
                    }
                    return Err(Halt::Exit);
                }
                plain => self.plain(plain)?,
            }
        }
    }

    fn call(&mut self, routine: usize, count: usize, back: usize) -> Run<usize> {
        let Some(routine) = self.code.routines.get(routine) else { return Ok(back) };
        if self.frames.len() >= DEEPEST_CALL {
            return Err(Halt::Fatal("function call nesting too deep".into()));
        }
        if count > routine.parameters {
            return Err(Halt::Fatal(format!("too many arguments in call to {}", routine.name)));
        }
        let mut locals = self.stack.split_off(self.stack.len().saturating_sub(count));
        locals.resize(routine.parameters, Slot::default());
        self.frames.push(Frame { locals, back, iterators: self.iterators.len() });
        Ok(routine.entry.unwrap_or(back))
    }

    /// Operations that neither jump nor wait.
    fn plain(&mut self, op: &Op) -> Run {
        match op {
            Op::Unset => self.push(Value::Unset),
            Op::Number(number) => self.push(*number),
            Op::Text(text) => self.push(Value::Text(text.clone())),
            Op::MatchRecord(text) => {
                let regex = self.regex(text)?;
                let matched = regex.is_match(&self.record_text());
                self.push(matched);
            }
            Op::Get(target) => {
                let value = self.get(*target)?;
                self.push(value);
            }
            Op::Set(target) => {
                let value = self.pop()?;
                self.set(*target, value.clone())?;
                self.push(value);
            }
            Op::Pop => drop(self.stack.pop()),
            Op::Dup => {
                let top = self.stack.last().cloned().unwrap_or_default();
                self.stack.push(top);
            }
            Op::Step(target, by, post) => self.step(*target, *by, *post)?,
            Op::Binary(operator) => {
                let (right, left) = (self.pop()?, self.pop()?);
                let value = self.binary(*operator, &left, &right)?;
                self.push(value);
            }
            Op::Not => {
                let is = self.pop()?.is_true();
                self.push(!is);
            }
            Op::Negate => {
                let number = self.pop()?.number();
                self.push(if number == 0.0 { 0.0 } else { -number });
            }
            Op::Plus => {
                let number = self.pop()?.number();
                self.push(number);
            }
            Op::Bool => {
                let is = self.pop()?.is_true();
                self.push(is);
            }
            Op::Join(count) => {
                let values = self.pop_many(*count)?;
                let parts: Vec<Rc<str>> = values.iter().map(|v| self.string(v)).collect();
                self.push(Value::text(&parts.join(&*self.text_of(special::SUBSEP))));
            }
            Op::RangeOpen(number) => {
                let open = self.ranges.get(*number).copied().unwrap_or(false);
                self.push(open);
            }
            Op::SetRange(number, open) => {
                if let Some(range) = self.ranges.get_mut(*number) {
                    *range = *open;
                }
            }
            _ => self.on_arrays(op)?,
        }
        Ok(())
    }

    fn on_arrays(&mut self, op: &Op) -> Run {
        match op {
            Op::In(place) => {
                let subscript = self.pop_text()?;
                let has = self.array(*place)?.borrow().has(&subscript);
                self.push(has);
            }
            Op::Delete(place) => {
                let subscript = self.pop_text()?;
                self.array(*place)?.borrow_mut().remove(&subscript);
            }
            Op::Clear(place) => self.array(*place)?.borrow_mut().clear(),
            Op::ForIn(place) => {
                let subscripts = self.array(*place)?.borrow().subscripts(self.cx.is_busybox());
                self.iterators.push(subscripts.into_iter());
            }
            Op::ForEnd => drop(self.iterators.pop()),
            Op::Pass(place) => {
                let special = *place == Place::Global(special::NF);
                let passed = match self.slot(*place) {
                    Some(slot @ Slot::Value(Value::Unset)) => {
                        *slot = Slot::Either(Rc::default());
                        slot.clone()
                    }
                    Some(slot) => slot.clone(),
                    None => Slot::default(),
                };
                if special {
                    let count = self.get(Target::Variable(*place))?;
                    self.push(count);
                } else {
                    self.stack.push(passed);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn step(&mut self, target: Target, by: f64, post: bool) -> Run {
        if target.is_indexed() {
            let top = self.stack.last().cloned().unwrap_or_default();
            self.stack.push(top);
        }
        let old = self.get(target)?.number();
        self.set(target, (old + by).into())?;
        self.push(if post { old } else { old + by });
        Ok(())
    }

    fn binary(&mut self, operator: Binary, left: &Value, right: &Value) -> Run<Value> {
        let (a, b) = (left.number(), right.number());
        Ok(match operator {
            Binary::Add => (a + b).into(),
            Binary::Sub => (a - b).into(),
            Binary::Mul => (a * b).into(),
            Binary::Div if b == 0.0 && self.cx.is_busybox() => return Err(Halt::Fatal("Division by zero".into())),
            Binary::Div => (a / b).into(),
            Binary::Mod if b == 0.0 && self.cx.is_busybox() => return Err(Halt::Fatal("Division by zero".into())),
            Binary::Mod => (a % b).into(),
            Binary::Pow if self.cx.is_busybox() => return Err(Halt::no_math()),
            Binary::Pow => a.powf(b).into(),
            Binary::Concat => {
                let text = [&*self.string(left), &*self.string(right)].concat();
                if text.len() > 16 << 20 {
                    return Err(Halt::Fatal("out of memory".into()));
                }
                Value::Text(text.into())
            }
            Binary::Match | Binary::NotMatch => {
                let regex = self.regex(&self.string(right))?;
                (regex.is_match(&self.string(left)) == (operator == Binary::Match)).into()
            }
            _ => self.compare(operator, left, right).into(),
        })
    }

    fn compare(&self, operator: Binary, left: &Value, right: &Value) -> bool {
        let order = if left.is_numeric() && right.is_numeric() {
            left.number().partial_cmp(&right.number())
        } else {
            let (a, b) = (self.string(left), self.string(right));
            Some(machine::text::to_bytes(&a).cmp(&machine::text::to_bytes(&b)))
        };
        match operator {
            Binary::Less => order.is_some_and(|o| o.is_lt()),
            Binary::LessEqual => order.is_some_and(|o| o.is_le()),
            Binary::Equal => order.is_some_and(|o| o.is_eq()),
            Binary::NotEqual => order.is_none_or(|o| o.is_ne()),
            Binary::Greater => order.is_some_and(|o| o.is_gt()),
            _ => order.is_some_and(|o| o.is_ge()),
        }
    }
}
