//! What a debugger wants of a script that stands still: where it is, what its variables hold, who called; and the
//! means to run something else meanwhile.
//!
//! Facts: when Lua 5.1 calls the hook of a new line, and what `lua_getlocal` and `lua_getinfo` tell.

use super::errors::object_name;
use super::thread::{Kind, Thread};
use super::{Failure, Lua};
use crate::op::Op;
use crate::value::Value;

/// The instruction that runs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Its line.
    pub line: u32,
    /// The coroutine.
    thread: u32,
    /// How many functions are active in it.
    depth: usize,
    /// Its place in the function.
    at: u32,
}

/// A function that is active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Active {
    /// What the caller calls it, where that is known.
    pub name: Option<Vec<u8>>,
    /// The line it is at.
    pub line: u32,
    /// The chunk it is of.
    pub source: Vec<u8>,
}

/// What was running before something else was begun: see [`Lua::set_aside`].
#[derive(Debug)]
pub struct Aside {
    main: u32,
    current: u32,
    resumed: usize,
    ret: Vec<Value>,
    from_lua: bool,
    in_native: bool,
    pc: u32,
}

impl Lua {
    /// The instruction that runs next, if it is one of a chunk with this source.
    pub fn position(&self, source: &[u8]) -> Option<Position> {
        let frame = self.frames.last()?;
        if self.host.is_some() || frame.kind != Kind::Lua || &*self.proto(frame).source != source {
            return None;
        }
        let line = self.proto(frame).lines.get(self.pc as usize).copied()?;
        Some(Position { line, thread: self.current, depth: self.frames.len(), at: self.pc })
    }

    /// Whether a line begins here: at the beginning of a function, behind a jump back, and where the line is another
    /// than that of the instruction before.
    pub fn begins_line(&self, here: Position, before: Option<Position>) -> bool {
        if here.at == 0 {
            return true;
        }
        let last = match before {
            Some(b) if (b.thread, b.depth) == (here.thread, here.depth) => b.at,
            // What was called has returned: the instruction before is the call.
            _ => here.at - 1,
        };
        let line = self.frames.last().and_then(|f| self.proto(f).lines.get(last as usize)).copied();
        here.at <= last || line != Some(here.line)
    }

    fn next_of(&self, at: usize) -> u32 {
        // A function that called another stands behind the call.
        if at + 1 == self.frames.len() { self.pc } else { self.frames[at].pc.saturating_sub(1) }
    }

    /// The named variables of the active functions, the innermost function first.
    pub fn locals(&self) -> impl Iterator<Item = Vec<(&[u8], Value)>> {
        (0..self.frames.len()).rev().filter(|at| self.frames[*at].kind == Kind::Lua).map(|at| {
            let (frame, pc) = (&self.frames[at], self.next_of(at));
            let active = self.proto(frame).locals.iter().filter(|l| l.from <= pc && pc < l.to);
            let value = |n: usize| self.stack.get(frame.base as usize + n).copied().unwrap_or_default();
            active.enumerate().map(|(n, local)| (&*local.name, value(n))).collect()
        })
    }

    /// The active functions, the innermost first.
    pub fn active(&self) -> Vec<Active> {
        let mut list = Vec::new();
        for (at, frame) in self.frames.iter().enumerate().rev().filter(|(_, f)| f.kind == Kind::Lua) {
            let line = self.proto(frame).lines.get(self.next_of(at) as usize).copied().unwrap_or(0);
            list.push(Active { name: self.called_as(at), line, source: self.proto(frame).source.to_vec() });
        }
        list
    }

    fn called_as(&self, at: usize) -> Option<Vec<u8>> {
        let caller = at.checked_sub(1)?;
        let frame = self.frames.get(caller).filter(|f| f.kind == Kind::Lua)?;
        if self.frames.get(at)?.tails > 0 {
            return None;
        }
        let pc = self.next_of(caller) as usize;
        match *self.proto(frame).code.get(pc)? {
            Op::Call { a, .. } | Op::TailCall { a, .. } | Op::ForIn { a, .. } => {
                object_name(self, self.proto(frame), pc, a).map(|(_, name)| name)
            }
            _ => None,
        }
    }

    /// Puts what runs aside, so that something else can be started. See [`Lua::bring_back`].
    pub fn set_aside(&mut self) -> Aside {
        let aside = Aside {
            main: self.main,
            current: self.current,
            resumed: self.resumed,
            ret: std::mem::take(&mut self.ret),
            from_lua: self.from_lua,
            in_native: self.in_native,
            pc: self.pc,
        };
        // As a parent, what stands still is not taken for garbage.
        let parent = Some(self.current);
        let other = self.heap.threads.add(Thread { parent, ..Thread::default() });
        self.switch(other);
        self.main = other;
        self.from_lua = false;
        self.in_native = false;
        aside
    }

    /// Goes on with what was put aside; what was started meanwhile is forgotten.
    pub fn bring_back(&mut self, aside: Aside) {
        self.reset();
        self.main = aside.main;
        self.switch(aside.current);
        self.resumed = aside.resumed;
        self.ret = aside.ret;
        self.from_lua = aside.from_lua;
        self.in_native = aside.in_native;
        self.pc = aside.pc;
    }

    /// Raises an error at the instruction that runs next.
    pub fn interrupt(&mut self, error: Value) -> Result<(), Failure> {
        // Errors count as those of the instruction that runs.
        self.pc = self.pc.saturating_add(1);
        self.raise(error).inspect_err(|_| self.reset())
    }
}
