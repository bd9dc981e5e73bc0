//! Coroutines: their stacks are exchanged for the running one's.

use super::Lua;
use super::thread::{Kind, Status, Then, Thread};
use crate::value::Value;

impl Lua {
    /// A new coroutine.
    pub(crate) fn new_thread(&mut self, body: Value, wrapped: bool) -> Value {
        let thread = Thread { stack: vec![body], top: 1, wrapped, ..Thread::default() };
        self.heap.bytes += 1024 + super::window::WINDOW * size_of::<Value>();
        Value::Thread(self.heap.threads.add(thread))
    }

    /// The running coroutine; none outside of all.
    pub(crate) fn running_thread(&self) -> Option<u32> {
        (self.current != self.main).then_some(self.current)
    }

    /// Another coroutine becomes the running one.
    pub(super) fn switch(&mut self, to: u32) {
        self.save_pc();
        let old = self.heap.threads.get_mut(self.current);
        old.stack = std::mem::take(&mut self.stack);
        old.frames = std::mem::take(&mut self.frames);
        old.open = std::mem::take(&mut self.open);
        old.top = std::mem::take(&mut self.top);
        let new = self.heap.threads.get_mut(to);
        self.stack = std::mem::take(&mut new.stack);
        self.frames = std::mem::take(&mut new.frames);
        self.open = std::mem::take(&mut new.open);
        self.top = std::mem::take(&mut new.top);
        self.current = to;
        self.pc = self.frames.last().map_or(0, |f| f.pc);
    }

    /// The state as `coroutine.status` gives it.
    pub(crate) fn thread_status(&self, thread: u32) -> &'static str {
        let entry = self.heap.threads.get(thread);
        match entry.status {
            _ if thread == self.current => "running",
            Status::Suspended => "suspended",
            Status::Running => "normal",
            Status::Dead => "dead",
        }
    }

    /// What was given goes to a coroutine, which runs until it yields or ends.
    pub(super) fn resume(&mut self, thread: u32, wrapped: bool, func: usize, then: Then) -> Result<(), Value> {
        let refusal = if self.is_dead(thread) {
            Some("cannot resume dead coroutine")
        } else if thread == self.current || self.heap.threads.get(thread).status != Status::Suspended {
            Some("cannot resume non-suspended coroutine")
        } else if self.resumed >= super::MAX_NESTED {
            Some("C stack overflow")
        } else {
            None
        };
        if let Some(text) = refusal {
            if wrapped {
                let place = self.where_level(1);
                return Err(self.heap.string(&[&place[..], text.as_bytes()].concat()));
            }
            let text = self.heap.string(text.as_bytes());
            self.ret.clear();
            self.ret.extend([Value::Bool(false), text]);
            return self.finish(func, then);
        }
        let parent = self.current;
        self.resumed += 1;
        self.heap.threads.get_mut(parent).waiting = (func as u32, Some(then));
        self.heap.threads.get_mut(parent).status = Status::Running;
        let entry = self.heap.threads.get_mut(thread);
        entry.parent = Some(parent);
        entry.status = Status::Running;
        let waiting = std::mem::take(&mut entry.waiting);
        self.switch(thread);
        match waiting {
            (place, Some(then)) => self.finish(place as usize, then),
            _ => {
                let count = self.ret.len();
                self.stack.extend_from_slice(&self.ret);
                self.top = self.stack.len();
                self.call_value(0, count, Then::Body)
            }
        }
    }

    /// Goes back to the coroutine that resumed this one; where its results go.
    fn back(&mut self, status: Status) -> (usize, Then) {
        self.resumed = self.resumed.saturating_sub(1);
        let entry = self.heap.threads.get_mut(self.current);
        entry.status = status;
        let parent = entry.parent.take().unwrap_or(self.main);
        self.switch(parent);
        let entry = self.heap.threads.get_mut(parent);
        let (func, then) = std::mem::take(&mut entry.waiting);
        (func as usize, then.unwrap_or(Then::Drop))
    }

    /// `coroutine.yield`
    pub(super) fn pause(&mut self, func: usize, then: Then) -> Result<(), Value> {
        let plain = |f: &super::Frame| f.kind == Kind::Lua && matches!(f.then, Then::Place(_) | Then::Body);
        if self.current == self.main || !self.frames.iter().all(plain) || !matches!(then, Then::Place(_) | Then::Body) {
            return Err(self.native_error("attempt to yield across metamethod/C-call boundary"));
        }
        let entry = self.heap.threads.get_mut(self.current);
        entry.waiting = (func as u32, Some(then));
        let wrapped = entry.wrapped;
        let (func, then) = self.back(Status::Suspended);
        if !wrapped {
            self.ret.insert(0, Value::Bool(true));
        }
        self.finish(func, then)
    }

    /// A coroutine's function returned.
    pub(super) fn body_ended(&mut self) -> (usize, Then) {
        let wrapped = self.heap.threads.get(self.current).wrapped;
        self.close_upvals(0);
        self.stack.clear();
        self.top = 0;
        if !wrapped {
            self.ret.insert(0, Value::Bool(true));
        }
        self.back(Status::Dead)
    }

    /// An error ended a coroutine. `Err`: it goes on in the one that resumed it.
    pub(super) fn coroutine_failed(&mut self, error: Value) -> Result<(usize, Then), Value> {
        let wrapped = self.heap.threads.get(self.current).wrapped;
        self.close_upvals(0);
        self.frames.clear();
        self.stack.clear();
        self.top = 0;
        let place = self.back(Status::Dead);
        if !wrapped {
            self.ret.clear();
            self.ret.extend([Value::Bool(false), error]);
            return Ok(place);
        }
        self.from_lua = true;
        let Some(text) = self.heap.bytes_of(error) else { return Err(error) };
        let text = [&self.where_level(1)[..], text].concat();
        Err(self.heap.string(&text))
    }
}
