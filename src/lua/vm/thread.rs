//! Coroutines, and the frames of running functions.

use crate::value::Value;

/// What happens with a function's results.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Then {
    /// They go where the function was; so many of them, or all where negative.
    Place(i32),
    /// The first goes into a register of the caller.
    Store(u8),
    /// The caller's next instruction is skipped unless the first one's truth is this.
    Test(bool),
    /// The same for the opposite of the first one's truth.
    Not(bool),
    /// They are the variables of a `for … in` whose hidden ones begin at this register; so many.
    Iterate(u8, u8),
    /// They are those of the running coroutine.
    Body,
    /// Nothing.
    Drop,
    /// The first is a part of a concatenation into register `a`: values `from` to `to` of the stack remain.
    Concat {
        /// Register of the whole.
        a: u8,
        /// Register of the first value.
        b: u8,
        /// Place of the last value that remains.
        last: u32,
    },
    /// They are those of the protected call whose frame is below.
    Protected,
    /// The first replaces an error, which then goes to the protected call at this place.
    Handled(u32),
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A function written in Lua.
    Lua,
    /// A protected call; perhaps with a handler of errors.
    Protected(Value),
    /// Redis's own `pcall`, which turns error tables into their text.
    ProtectedText,
}

/// A running function.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What it is.
    pub kind: Kind,
    /// Where the function was on the stack, and where its results go.
    pub func: u32,
    /// Its first register.
    pub base: u32,
    /// The first place behind its registers.
    pub end: u32,
    /// The next instruction.
    pub pc: u32,
    /// The function.
    pub closure: u32,
    /// What happens with its results.
    pub then: Then,
    /// How many tail calls led here.
    pub tails: u32,
}

/// State of a coroutine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Not running; can be resumed.
    #[default]
    Suspended,
    /// It runs, or waits for one that it resumed.
    Running,
    /// It ended.
    Dead,
}

/// A coroutine that does not run now. The running one's stack is in the [`crate::Lua`] itself.
#[derive(Debug, Default)]
pub struct Thread {
    /// Values.
    pub stack: Vec<Value>,
    /// The end of values in an open list.
    pub top: usize,
    /// Frames, the innermost last.
    pub frames: Vec<Frame>,
    /// Upvalues that are still on the stack, the highest last.
    pub open: Vec<u32>,
    /// State.
    pub status: Status,
    /// Who resumed it.
    pub parent: Option<u32>,
    /// Where results go at the next switch: a place of the stack, and how.
    pub waiting: (u32, Option<Then>),
    /// It was made by `coroutine.wrap`: errors go on in the caller.
    pub wrapped: bool,
}

impl Thread {
    /// Bytes it takes.
    pub fn size(&self) -> usize {
        200 + self.stack.capacity() * size_of::<Value>() + self.frames.capacity() * size_of::<Frame>()
    }

    /// All values that it holds.
    pub fn each(&self, mut see: impl FnMut(Value)) {
        let end = live_end(&self.frames, self.top).min(self.stack.len());
        self.stack[..end].iter().for_each(|v| see(*v));
        for frame in &self.frames {
            see(Value::Func(frame.closure));
            if let Kind::Protected(handler) = frame.kind {
                see(handler);
            }
        }
        if let Some(parent) = self.parent {
            see(Value::Thread(parent));
        }
    }
}

/// The end of the part of the stack that is in use.
pub fn live_end(frames: &[Frame], top: usize) -> usize {
    frames.last().map_or(0, |f| f.end as usize).max(top)
}
