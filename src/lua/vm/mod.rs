//! The machine that runs compiled functions.

pub mod arith;
mod call;
mod concat;
mod coroutine;
mod debug;
mod errors;
mod exec;
mod meta;
mod names;
pub mod thread;
mod window;

use crate::compile;
use crate::heap::Heap;
use crate::library::cjson::Config as JsonConfig;
use crate::op::Capture;
use crate::value::{Closure, Value};
pub use debug::{Active, Aside, Position};
use std::rc::Rc;
use thread::{Frame, Kind, Then};

/// Frames at most.
const MAX_FRAMES: usize = 20_000;
/// Protected calls within each other, and coroutines that resumed each other, at most.
const MAX_NESTED: usize = 195;
/// Values on a stack at most.
const MAX_STACK: usize = 1 << 20;
/// Places of the stack that stay between scripts.
const KEPT_STACK: usize = 4 * window::WINDOW;

/// Arguments of a native function.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    /// Place of the first on the stack.
    pub(crate) base: usize,
    /// How many.
    pub count: usize,
    /// The function's own number, given when it was registered.
    pub data: u32,
}

/// What a native function wants next.
#[derive(Debug)]
pub enum Flow {
    /// Its results are complete (see [`Lua::give`]).
    Done,
    /// What it gave are arguments of this function; its results are the results.
    Call(Value),
    /// Likewise, with errors caught.
    Protect(Value, Protect),
    /// The coroutine stops with what it gave.
    Yield,
    /// What it gave goes to this coroutine.
    Resume(u32, bool),
    /// The host is asked, with what it gave.
    Host(u32),
}

/// How errors are caught.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Protect {
    /// As they are.
    Plain,
    /// As their text, where they are tables with a field `err`: Redis's `pcall`.
    Text,
    /// Through a function.
    Handler(Value),
}

/// A function of the host.
pub type Native = fn(&mut Lua, Args) -> Result<Flow, Value>;

struct NativeEntry {
    run: Native,
    data: u32,
}

/// How far a run came.
#[derive(Debug)]
pub enum Outcome {
    /// The function returned these.
    Done(Vec<Value>),
    /// It failed.
    Failed(Failure),
    /// The budget is used up: run again.
    Suspended,
    /// It waits for the host's function of this number; see [`Lua::answer`].
    Host {
        /// The number; its arguments are [`Lua::host_args`].
        id: u32,
    },
}

/// An error that nothing caught.
#[derive(Debug)]
pub struct Failure {
    /// The error.
    pub value: Value,
    /// Where it was raised: chunk (`@name` and so on) and line, if a Lua function did or called what did.
    pub place: Option<(Vec<u8>, u32)>,
}

/// An interpreter with all it knows.
pub struct Lua {
    /// Memory.
    pub(crate) heap: Heap,
    pub(crate) stack: Vec<Value>,
    pub(crate) top: usize,
    pub(crate) frames: Vec<Frame>,
    pub(crate) open: Vec<u32>,
    pub(crate) current: u32,
    main: u32,
    /// The globals that new chunks get.
    pub(crate) globals: u32,
    pub(crate) string_meta: Option<u32>,
    pub(crate) names: names::Names,
    pub(crate) ret: Vec<Value>,
    /// Room for the text of a result.
    pub(crate) buffer: Vec<u8>,
    natives: Vec<NativeEntry>,
    pins: Vec<Value>,
    host: Option<(u32, Then, u32)>,
    /// The Lua function that calls a native is the frame on top, at its call instruction.
    pub(crate) from_lua: bool,
    /// A native function runs.
    pub(crate) in_native: bool,
    /// The next instruction of the frame on top.
    pub(crate) pc: u32,
    left: i64,
    /// How many coroutines resumed each other.
    resumed: usize,
    pub(crate) json: Vec<JsonConfig>,
    /// What `ipairs` gives.
    pub(crate) ipairs_step: Value,
    /// What `pairs` gives.
    pub(crate) next_entry: Value,
    /// Instructions that may still run in this slice.
    pub(crate) budget: i64,
    kill: Option<Value>,
    limit: usize,
    /// State of `math.random`.
    pub(crate) random: u64,
    /// What `os.clock` gives, in seconds.
    pub clock: f64,
}

impl Lua {
    /// An interpreter with all libraries; scripts may use so many bytes.
    pub fn new(limit: usize) -> Lua {
        let mut heap = Heap::new();
        let globals = heap.table(0, 64);
        let main = heap.threads.add(thread::Thread::default());
        let names = names::Names::new(&mut heap);
        let mut lua = Lua {
            heap,
            stack: Vec::new(),
            top: 0,
            frames: Vec::new(),
            open: Vec::new(),
            current: main,
            main,
            globals,
            string_meta: None,
            names,
            ret: Vec::new(),
            buffer: Vec::new(),
            natives: Vec::new(),
            pins: Vec::new(),
            host: None,
            from_lua: false,
            in_native: false,
            pc: 0,
            left: 0,
            resumed: 0,
            json: Vec::new(),
            ipairs_step: Value::Nil,
            next_entry: Value::Nil,
            budget: 0,
            kill: None,
            limit,
            random: 0,
            clock: 0.0,
        };
        crate::library::open(&mut lua);
        lua
    }

    /// Registers a function of the host, with a number of its own.
    pub fn native(&mut self, run: Native, data: u32) -> Value {
        self.natives.push(NativeEntry { run, data });
        Value::Native((self.natives.len() - 1) as u32)
    }

    /// Registers a function that [`Lua::run`] hands to the host under this number.
    pub fn host_function(&mut self, id: u32) -> Value {
        self.native(
            |lua, args| {
                lua.give_args(args, 0);
                Ok(Flow::Host(args.data))
            },
            id,
        )
    }

    /// Compiles a chunk to a function. `Err` holds the message.
    pub fn load(&mut self, text: &[u8], source: &[u8]) -> Result<Value, Vec<u8>> {
        if text.first() == Some(&0x1b) {
            let name = compile::chunk_name(source, 60);
            return Err([&name[..], b": bad binary format (precompiled chunks are not allowed)"].concat());
        }
        let proto = compile::compile(&mut self.heap, text, source).map_err(|e| e.0)?;
        Ok(self.closure(Rc::new(proto), Box::default(), self.globals))
    }

    pub(crate) fn closure(&mut self, proto: Rc<crate::op::Proto>, upvals: Box<[u32]>, env: u32) -> Value {
        self.heap.bytes += 64 + upvals.len() * 4;
        Value::Func(self.heap.closures.add(Closure { proto, upvals, env }))
    }

    pub(crate) fn capture(&mut self, capture: Capture, base: usize, outer: u32) -> u32 {
        match capture {
            Capture::Local(register) => self.open_upval((base + usize::from(register)) as u32),
            Capture::Upval(n) => self.heap.closures.get(outer).upvals.get(usize::from(n)).copied().unwrap_or(u32::MAX),
        }
    }

    /// Keeps a value from being collected; its number.
    pub fn pin(&mut self, value: Value) -> usize {
        match self.pins.iter().position(|p| p.is_nil()) {
            Some(at) => {
                self.pins[at] = value;
                at
            }
            None => {
                self.pins.push(value);
                self.pins.len() - 1
            }
        }
    }

    /// A pinned value.
    pub fn pinned(&self, n: usize) -> Value {
        self.pins.get(n).copied().unwrap_or_default()
    }

    /// Lets a pinned value go.
    pub fn unpin(&mut self, n: usize) {
        if let Some(pin) = self.pins.get_mut(n) {
            *pin = Value::Nil;
        }
    }

    /// Begins to call a function; whatever ran before is forgotten.
    pub fn start(&mut self, function: Value, args: &[Value]) {
        self.reset();
        self.top = 1 + args.len();
        let room = (self.top + window::WINDOW).max(self.stack.len());
        self.stack.resize(room, Value::Nil);
        self.stack[0] = function;
        self.stack[1..self.top].copy_from_slice(args);
        self.host = Some((0, Then::Place(-1), u32::MAX));
    }

    /// Forgets what runs.
    pub fn reset(&mut self) {
        let main = self.main;
        if self.current != main {
            self.switch(main);
        }
        self.resumed = 0;
        self.close_upvals(0);
        self.stack.truncate(KEPT_STACK);
        self.frames.clear();
        self.open.clear();
        self.top = 0;
        self.host = None;
        self.kill = None;
        self.ret.clear();
    }

    /// Whether something runs or waits for the host.
    pub fn is_running(&self) -> bool {
        self.host.is_some() || !self.frames.is_empty()
    }

    /// Runs at most so many instructions.
    pub fn run(&mut self, budget: i64) -> Outcome {
        self.budget = budget;
        if let Some((func, then, u32::MAX)) = self.host {
            self.host = None;
            let count = self.top - 1;
            if let Err(error) = self.call_value(func as usize, count, then)
                && let Err(failure) = self.raise(error)
            {
                return self.fail(failure);
            }
        }
        loop {
            if self.host.is_none() && self.frames.is_empty() {
                let results = self.stack.get(..self.top).unwrap_or_default().to_vec();
                self.reset();
                return Outcome::Done(results);
            }
            if let Some((_, _, id)) = self.host {
                return Outcome::Host { id };
            }
            if self.budget <= 0 {
                return Outcome::Suspended;
            }
            if let Some(error) = self.kill {
                if let Err(failure) = self.raise(error) {
                    return self.fail(failure);
                }
                continue;
            }
            if let Err(error) = self.execute()
                && let Err(failure) = self.raise(error)
            {
                return self.fail(failure);
            }
        }
    }

    fn fail(&mut self, failure: Failure) -> Outcome {
        self.reset();
        Outcome::Failed(failure)
    }

    /// The function at a level of the calls, if it is written in Lua; `None` where there is no such level.
    pub(crate) fn function_at(&self, level: usize) -> Option<Option<u32>> {
        let frame = self.frames.iter().rev().nth(level.checked_sub(1)?)?;
        Some((frame.kind == Kind::Lua).then_some(frame.closure))
    }

    /// Seeds `math.random`.
    pub fn seed(&mut self, seed: i32) {
        self.random = (u64::from(seed as u32) << 16) | 0x330E;
    }

    /// How much of the last run's budget was left when it ended.
    pub fn left(&self) -> i64 {
        if self.host.is_some() { self.left } else { self.budget.max(0) }
    }

    /// The arguments of the host's function that is waited for.
    pub fn host_args(&self) -> &[Value] {
        if self.host.is_some() { &self.ret } else { &[] }
    }

    /// The host's answer to [`Outcome::Host`]: results, or an error to be raised.
    pub fn answer(&mut self, answer: Result<&[Value], Value>) -> Result<(), Failure> {
        let Some((func, then, _)) = self.host.take() else { return Ok(()) };
        match answer {
            Ok(values) => {
                self.ret.clear();
                self.ret.extend_from_slice(values);
                match self.finish(func as usize, then) {
                    Ok(()) => Ok(()),
                    Err(error) => self.raise(error),
                }
            }
            Err(error) => self.raise(error),
        }
        .inspect_err(|_| self.reset())
    }

    /// From now on every instruction raises this error, which nothing can catch for good.
    pub fn kill(&mut self, error: Value) {
        self.kill = Some(error);
    }

    /// Bytes in use.
    pub fn memory(&self) -> usize {
        self.heap.bytes
    }

    /// Frees what cannot be reached, if enough came together; an error where memory is used up.
    #[inline]
    pub(crate) fn check_memory(&mut self) -> Result<(), Value> {
        if self.heap.bytes > self.heap.threshold { self.collect_now() } else { Ok(()) }
    }

    fn collect_now(&mut self) -> Result<(), Value> {
        self.collect();
        self.budget -= (self.heap.bytes / 256) as i64;
        if self.heap.bytes > self.limit { Err(self.no_memory()) } else { Ok(()) }
    }

    /// The error of a script that wants too much.
    pub(crate) fn no_memory(&mut self) -> Value {
        self.heap.string(b"not enough memory")
    }

    /// Sees that so many bytes more are allowed, and charges for them.
    pub(crate) fn afford(&mut self, bytes: usize) -> Result<(), Value> {
        self.budget -= (bytes / 64) as i64;
        if self.heap.bytes.saturating_add(bytes) > self.limit { Err(self.no_memory()) } else { Ok(()) }
    }

    /// Bytes that may still be used.
    pub(crate) fn room(&self) -> usize {
        self.limit.saturating_sub(self.heap.bytes)
    }

    /// Sees that so many bytes, not kept yet, are allowed.
    #[inline]
    pub(crate) fn fits(&mut self, bytes: usize) -> Result<(), Value> {
        if self.heap.bytes.saturating_add(bytes) > self.limit { Err(self.no_memory()) } else { Ok(()) }
    }

    /// Frees what cannot be reached.
    pub fn collect(&mut self) {
        let end = thread::live_end(&self.frames, self.top).min(self.stack.len());
        let mut roots: Vec<Value> = self.stack[..end].to_vec();
        roots.extend_from_slice(&self.pins);
        roots.extend_from_slice(&self.ret);
        roots.extend(self.kill);
        roots.extend([Value::Table(self.globals), Value::Thread(self.current), Value::Thread(self.main)]);
        roots.extend(self.string_meta.map(Value::Table));
        self.names.each(|value| roots.push(value));
        let mut closures = Vec::with_capacity(self.frames.len());
        for frame in &self.frames {
            closures.push(frame.closure);
            if let Kind::Protected(handler) = frame.kind {
                roots.push(handler);
            }
        }
        // What lies above is not looked at; it must not be found again later.
        for slot in &mut self.stack[end..] {
            *slot = Value::Nil;
        }
        let weak_key = self.names.mode;
        self.heap.collect(&roots, &closures, weak_key);
    }
}
