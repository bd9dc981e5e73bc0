//! Calls, returns, and the way of errors.

use super::thread::{Frame, Kind, Status, Then, live_end};
use super::window::WINDOW;
use super::{Args, Failure, Flow, Lua, MAX_FRAMES, MAX_NESTED, MAX_STACK, Protect};
use crate::value::{Upval, Value};

/// No closure.
const NOBODY: u32 = u32::MAX;

impl Lua {
    /// Sees that the stack reaches so far, and a window of registers farther.
    pub(crate) fn grow_stack(&mut self, len: usize) -> Result<(), Value> {
        let room = len + WINDOW;
        if room > self.stack.len() {
            if len > MAX_STACK {
                return Err(self.runtime_error("stack overflow"));
            }
            self.stack.resize(room, Value::Nil);
        }
        Ok(())
    }

    /// The current frame's place is kept while others run.
    pub(super) fn save_pc(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pc = self.pc;
        }
    }

    fn restore_pc(&mut self) {
        self.pc = self.frames.last().map_or(0, |f| f.pc);
    }

    /// Calls what stands at `func` with the `count` values after it.
    pub(super) fn call_value(&mut self, mut func: usize, mut count: usize, mut then: Then) -> Result<(), Value> {
        loop {
            match self.stack[func] {
                Value::Func(id) => return self.enter(func, count, id, then),
                Value::Native(id) => {
                    let flow = self.call_native(func, count, id)?;
                    self.from_lua = false;
                    match flow {
                        Flow::Done => return self.finish(func, then),
                        Flow::Call(f) => count = self.place_call(func, f)?,
                        Flow::Protect(f, how) => {
                            self.push_guard(func, then, how)?;
                            func += 1;
                            then = Then::Protected;
                            count = self.place_call(func, f)?;
                        }
                        Flow::Yield => return self.pause(func, then),
                        Flow::Resume(thread, wrapped) => return self.resume(thread, wrapped, func, then),
                        Flow::Host(id) => {
                            self.host = Some((func as u32, then, id));
                            self.left = self.budget;
                            self.budget = 0;
                            return Ok(());
                        }
                    }
                }
                other => {
                    let handler = self.metamethod(other, self.names.call);
                    if !matches!(handler, Value::Func(_) | Value::Native(_)) {
                        return Err(self.call_error(func, other));
                    }
                    let end = func + 1 + count;
                    self.grow_stack(end + 1)?;
                    self.stack.copy_within(func..end, func + 1);
                    self.stack[func] = handler;
                    count += 1;
                }
            }
        }
    }

    /// Calls a function above everything that is in use.
    pub(super) fn call_above(&mut self, function: Value, args: &[Value], then: Then) -> Result<(), Value> {
        let func = live_end(&self.frames, 0).max(if self.frames.is_empty() { self.top } else { 0 });
        self.grow_stack(func + 1 + args.len())?;
        self.stack[func] = function;
        self.stack[func + 1..func + 1 + args.len()].copy_from_slice(args);
        self.call_value(func, args.len(), then)
    }

    /// Puts a function and what was given behind it on the stack.
    fn place_call(&mut self, func: usize, f: Value) -> Result<usize, Value> {
        let count = self.ret.len();
        self.grow_stack(func + 1 + count)?;
        self.stack[func] = f;
        self.stack[func + 1..func + 1 + count].copy_from_slice(&self.ret);
        Ok(count)
    }

    fn push_guard(&mut self, func: usize, then: Then, how: Protect) -> Result<(), Value> {
        let guards = || self.frames.iter().filter(|f| f.kind != Kind::Lua).count();
        if self.frames.len() >= MAX_NESTED && guards() >= MAX_NESTED {
            return Err(self.native_error("C stack overflow"));
        }
        self.save_pc();
        let kind = match how {
            Protect::Plain => Kind::Protected(Value::Nil),
            Protect::Handler(handler) => Kind::Protected(handler),
            Protect::Text => Kind::ProtectedText,
        };
        let (func, base) = (func as u32, func as u32 + 1);
        self.frames.push(Frame { kind, func, base, end: base, pc: self.pc, closure: NOBODY, then, tails: 0 });
        Ok(())
    }

    fn call_native(&mut self, func: usize, count: usize, id: u32) -> Result<Flow, Value> {
        let Some(entry) = self.natives.get(id as usize) else { return Ok(Flow::Done) };
        let (run, data) = (entry.run, entry.data);
        self.ret.clear();
        self.budget -= 2;
        self.in_native = true;
        let flow = run(self, Args { base: func + 1, count, data });
        self.in_native = false;
        flow
    }

    fn enter(&mut self, func: usize, count: usize, id: u32, then: Then) -> Result<(), Value> {
        if self.frames.len() >= MAX_FRAMES {
            return Err(self.runtime_error("stack overflow"));
        }
        let proto = &self.heap.closures.get(id).proto;
        let (vararg, needs_arg) = (proto.vararg, proto.needs_arg);
        let (params, registers) = (usize::from(proto.params), usize::from(proto.registers));
        let mut given = count.min(params);
        let mut base = func + 1;
        if vararg {
            base += count;
            self.grow_stack(base + registers + 1)?;
            for n in 0..given {
                self.stack[base + n] = std::mem::take(&mut self.stack[func + 1 + n]);
            }
            if needs_arg {
                let table = self.extra_table(func + 1 + params, base);
                self.stack[base + given..base + params].fill(Value::Nil);
                self.stack[base + params] = table;
                given = params + 1;
            }
        } else {
            self.grow_stack(base + registers)?;
        }
        self.stack[base + given..base + registers.max(given)].fill(Value::Nil);
        self.save_pc();
        self.pc = 0;
        let (func, base, end) = (func as u32, base as u32, (base + registers) as u32);
        self.frames.push(Frame { kind: Kind::Lua, func, base, end, pc: 0, closure: id, then, tails: 0 });
        Ok(())
    }

    /// The table `arg` of functions that take more than they name.
    fn extra_table(&mut self, from: usize, to: usize) -> Value {
        let extra = if from < to { self.stack[from..to].to_vec() } else { Vec::new() };
        let table = self.heap.table(extra.len(), 1);
        for (n, value) in extra.iter().enumerate() {
            self.heap.set(table, Value::Num((n + 1) as f64), *value);
        }
        let n = self.names.n;
        self.heap.set(table, n, Value::Num(extra.len() as f64));
        Value::Table(table)
    }

    /// `return`: values from `first`, so many.
    pub(super) fn leave(&mut self, first: usize, count: usize) -> Result<(), Value> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        if !self.open.is_empty() {
            self.close_upvals(frame.base);
        }
        self.restore_pc();
        let func = frame.func as usize;
        if let Then::Place(wanted) = frame.then {
            let moved = if wanted < 0 { count } else { count.min(wanted as usize) };
            self.stack.copy_within(first..first + moved, func);
            if wanted < 0 {
                self.top = func + count;
            } else {
                self.stack[func + moved..func + wanted as usize].fill(Value::Nil);
            }
            return Ok(());
        }
        self.ret.clear();
        self.ret.extend_from_slice(&self.stack[first..first + count]);
        self.finish(func, frame.then)
    }

    /// `return f(…)`: the callee takes the place of the caller.
    pub(super) fn tail_call(&mut self, callee: usize, count: usize) -> Result<(), Value> {
        if !matches!(self.stack[callee], Value::Func(_)) {
            return self.call_value(callee, count, Then::Place(-1));
        }
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        if !self.open.is_empty() {
            self.close_upvals(frame.base);
        }
        self.restore_pc();
        let func = frame.func as usize;
        self.stack.copy_within(callee..callee + 1 + count, func);
        self.call_value(func, count, frame.then)?;
        if let Some(new) = self.frames.last_mut() {
            new.tails = frame.tails.saturating_add(1);
        }
        Ok(())
    }

    /// Does with results what was to be done.
    pub(super) fn finish(&mut self, mut func: usize, mut then: Then) -> Result<(), Value> {
        loop {
            let first = self.ret.first().copied().unwrap_or_default();
            match then {
                Then::Place(wanted) => return self.place(func, wanted),
                Then::Store(register) => {
                    let at = self.base() + usize::from(register);
                    self.stack[at] = first;
                    return Ok(());
                }
                Then::Test(want) => {
                    if first.truthy() != want {
                        self.pc += 1;
                    }
                    return Ok(());
                }
                Then::Drop => return Ok(()),
                Then::Not(want) => {
                    if first.truthy() == want {
                        self.pc += 1;
                    }
                    return Ok(());
                }
                Then::Iterate(register, count) => {
                    self.iterate(register, count);
                    return Ok(());
                }
                Then::Concat { a, b, last } => {
                    self.stack[last as usize] = first;
                    return self.concat(a, b, last as usize);
                }
                Then::Protected => {
                    let Some(frame) = self.frames.pop() else { return Ok(()) };
                    self.restore_pc();
                    self.ret.insert(0, Value::Bool(true));
                    (func, then) = (frame.func as usize, frame.then);
                }
                Then::Handled(at) => (func, then) = self.catch(at as usize, first),
                Then::Body => (func, then) = self.body_ended(),
            }
        }
    }

    /// The variables of a `for … in` get their values; the loop ends where the first is `nil`.
    fn iterate(&mut self, register: u8, count: u8) {
        let at = self.base() + usize::from(register) + 2;
        let first = self.ret.first().copied().unwrap_or_default();
        for n in 0..usize::from(count) {
            self.stack[at + 1 + n] = self.ret.get(n).copied().unwrap_or_default();
        }
        if first.is_nil() {
            self.pc += 1;
        } else {
            self.stack[at] = first;
        }
    }

    fn place(&mut self, func: usize, wanted: i32) -> Result<(), Value> {
        let count = self.ret.len();
        if wanted < 0 {
            self.grow_stack(func + count)?;
            self.stack[func..func + count].copy_from_slice(&self.ret);
            self.top = func + count;
            return Ok(());
        }
        let wanted = wanted as usize;
        self.grow_stack(func + wanted)?;
        for n in 0..wanted {
            self.stack[func + n] = self.ret.get(n).copied().unwrap_or_default();
        }
        Ok(())
    }

    /// First register of the running function.
    pub(super) fn base(&self) -> usize {
        self.frames.last().map_or(0, |f| f.base as usize)
    }

    /// Everything above a protected call ends; its results are `false` and the error.
    fn catch(&mut self, at: usize, error: Value) -> (usize, Then) {
        let (func, then) = self.frames.get(at).map_or((0, Then::Drop), |f| (f.func, f.then));
        self.close_upvals(func);
        self.frames.truncate(at);
        self.restore_pc();
        self.ret.clear();
        self.ret.extend([Value::Bool(false), error]);
        (func as usize, then)
    }

    /// An error goes its way, to the next protected call or out.
    pub(super) fn raise(&mut self, mut error: Value) -> Result<(), Failure> {
        loop {
            let (func, then) = match self.catcher() {
                Some((at, Kind::Protected(handler))) if !handler.is_nil() => {
                    self.save_pc();
                    self.from_lua = false;
                    match self.call_above(handler, &[error], Then::Handled(at as u32)) {
                        Ok(()) => return Ok(()),
                        Err(_) => {
                            let text = self.heap.string(b"error in error handling");
                            self.catch(at, text)
                        }
                    }
                }
                Some((at, Kind::ProtectedText)) => {
                    let text = self.error_text(error);
                    self.catch(at, text)
                }
                Some((at, Kind::Protected(_))) => self.catch(at, error),
                Some((at, Kind::Lua)) => {
                    let text = self.heap.string(b"error in error handling");
                    self.catch(at, text)
                }
                None if self.current == self.main => {
                    return Err(Failure { value: error, place: self.place_of_error() });
                }
                None => match self.coroutine_failed(error) {
                    Ok(place) => place,
                    Err(raised) => {
                        error = raised;
                        continue;
                    }
                },
            };
            match self.finish(func, then) {
                Ok(()) => return Ok(()),
                Err(next) => error = next,
            }
        }
    }

    /// The frame that catches an error. [`Kind::Lua`] where a handler of errors failed itself.
    fn catcher(&self) -> Option<(usize, Kind)> {
        self.frames.iter().enumerate().rev().find_map(|(n, frame)| match (frame.then, frame.kind) {
            (Then::Handled(target), _) => Some((target as usize, Kind::Lua)),
            (_, Kind::Lua) => None,
            (_, kind) => Some((n, kind)),
        })
    }

    /// An error table's text, as Redis's `pcall` gives it.
    fn error_text(&mut self, error: Value) -> Value {
        let Value::Table(table) = error else { return error };
        match self.field(table, "err") {
            text @ (Value::Str(_) | Value::Num(_)) => text,
            _ => error,
        }
    }

    /// The upvalue of a place on the stack.
    pub(super) fn open_upval(&mut self, at: u32) -> u32 {
        let position = self.open.iter().rposition(|id| match self.heap.upvals.get(*id) {
            Upval::Open { at: other, .. } => *other <= at,
            Upval::Closed(_) => true,
        });
        if let Some(position) = position
            && let Upval::Open { at: other, .. } = *self.heap.upvals.get(self.open[position])
            && other == at
        {
            return self.open[position];
        }
        self.heap.bytes += 40;
        let id = self.heap.upvals.add(Upval::Open { thread: self.current, at });
        self.open.insert(position.map_or(0, |p| p + 1), id);
        id
    }

    /// Variables from a place on live on their own.
    pub(super) fn close_upvals(&mut self, from: u32) {
        while let Some(id) = self.open.last().copied() {
            let Upval::Open { at, .. } = *self.heap.upvals.get(id) else { break };
            if at < from {
                break;
            }
            let value = self.stack.get(at as usize).copied().unwrap_or_default();
            *self.heap.upvals.get_mut(id) = Upval::Closed(value);
            self.open.pop();
        }
    }

    pub(super) fn upval(&self, id: u32) -> Value {
        match *self.heap.upvals.get(id) {
            Upval::Closed(value) => value,
            Upval::Open { thread, at } if thread == self.current => self.stack[at as usize],
            Upval::Open { thread, at } => {
                self.heap.threads.get(thread).stack.get(at as usize).copied().unwrap_or_default()
            }
        }
    }

    pub(super) fn set_upval(&mut self, id: u32, value: Value) {
        match *self.heap.upvals.get(id) {
            Upval::Closed(_) => *self.heap.upvals.get_mut(id) = Upval::Closed(value),
            Upval::Open { thread, at } if thread == self.current => self.stack[at as usize] = value,
            Upval::Open { thread, at } => {
                if let Some(slot) = self.heap.threads.get_mut(thread).stack.get_mut(at as usize) {
                    *slot = value;
                }
            }
        }
    }

    /// Whether a coroutine ended.
    pub(super) fn is_dead(&self, thread: u32) -> bool {
        self.heap.threads.get(thread).status == Status::Dead
    }
}
