//! The page's end of the worker: commands out, outputs straight to their terminals, reports and answers to who asked.
//! The messages are listed in www/js/worker/worker.js.

use crate::glue::{self, Terminal};
use gloo::timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;
use yew::Callback;

/// What the worker tells the page as a whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// A link is being replayed; true where this engine build made it.
    Replaying(bool),
    /// How far: inputs done, in all, virtual milliseconds.
    Replay(u32, u32, f64),
    /// The replay is through.
    Replayed,
    /// The link is none: the reason's code. A fresh session runs instead.
    LinkRefused(String),
    /// A replay opened a terminal.
    Opened(String),
    /// A terminal's session ended.
    Closed(String),
    /// Virtual milliseconds since boot.
    Clock(f64),
    /// There was output, and now a pause: files may have changed.
    Quiet,
    /// The machine did not take an input: its words.
    Refused(String),
    /// The machine waits for the network, or does not any more.
    Waiting(bool),
    /// The machine stopped for good: whether for want of a file of the page's, and the technical reason.
    Failed(bool, String),
}

/// An answer: the value, or the machine's words.
pub type Answer = Result<JsValue, String>;

enum Waiting {
    Bytes(Uint8Array),
    Size(u16, u16),
}

/// What the worker's messages are handed to.
type OnMessage = Closure<dyn FnMut(MessageEvent)>;

#[derive(Default)]
struct Inner {
    terminals: RefCell<BTreeMap<String, Terminal>>,
    /// What came for a terminal that is not on the page yet.
    waiting: RefCell<BTreeMap<String, Vec<Waiting>>>,
    /// Bytes given to a terminal and not yet shown; `None` where the terminal is gone. The worker waits for them.
    unshown: RefCell<BTreeMap<String, Option<u32>>>,
    answers: RefCell<BTreeMap<u32, Callback<Answer>>>,
    next_id: Cell<u32>,
    report: RefCell<Callback<Report>>,
    quiet: RefCell<Option<Timeout>>,
    on_message: RefCell<Option<OnMessage>>,
}

/// A handle on the worker.
#[derive(Clone)]
pub struct Engine(Rc<Inner>);

impl PartialEq for Engine {
    fn eq(&self, other: &Engine) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Engine {
    /// Connects to the worker that www/js/boot.js started, and starts a world there: a link's, or a fresh one.
    pub fn start(seed: f64, link: Option<&str>) -> Engine {
        let engine = Engine(Rc::new(Inner::default()));
        let weak = Rc::downgrade(&engine.0);
        let on_message = Closure::new(move |event: MessageEvent| {
            if let Some(inner) = weak.upgrade() {
                Engine(inner).receive(&Array::from(&event.data()));
            }
        });
        glue::WORKER.with(|worker| worker.set_onmessage(Some(on_message.as_ref().unchecked_ref())));
        engine.0.on_message.replace(Some(on_message));
        engine.post(&Array::of3(&"boot".into(), &seed.into(), &link.into()));
        engine
    }

    /// Who hears the reports.
    pub fn listen(&self, report: Callback<Report>) {
        self.0.report.replace(report);
    }

    fn post(&self, message: &Array) {
        // It fails only for values that cannot be cloned; ours are numbers, text and bytes.
        let _ = glue::WORKER.with(|worker| worker.post_message(message));
    }

    fn ask(&self, kind: &str, arguments: &[JsValue], answer: Callback<Answer>) {
        let id = self.0.next_id.get();
        self.0.next_id.set(id + 1);
        self.0.answers.borrow_mut().insert(id, answer);
        let message = Array::of2(&kind.into(), &id.into());
        for argument in arguments {
            message.push(argument);
        }
        self.post(&message);
    }

    /// Puts a terminal on the page in charge of what `tty` shows.
    pub fn attach(&self, tty: &str, terminal: Terminal) {
        self.0.terminals.borrow_mut().insert(tty.to_owned(), terminal);
        let waiting = self.0.waiting.borrow_mut().remove(tty);
        for item in waiting.unwrap_or_default() {
            self.show(tty, item);
        }
    }

    /// Takes it off again. What it had not shown, and what still comes for it, counts as shown.
    pub fn detach(&self, tty: &str) {
        self.0.terminals.borrow_mut().remove(tty);
        let left = self.0.unshown.borrow_mut().insert(tty.to_owned(), None).flatten();
        self.shown(left.unwrap_or(0));
    }

    fn shown(&self, bytes: u32) {
        self.post(&Array::of2(&"shown".into(), &bytes.into()));
    }

    /// The terminal that shows `tty`.
    pub fn terminal(&self, tty: &str) -> Option<Terminal> {
        self.0.terminals.borrow().get(tty).cloned()
    }

    /// Lets every terminal take its window's size again, after a replay.
    pub fn follow_all(&self) {
        let terminals: Vec<Terminal> = self.0.terminals.borrow().values().cloned().collect();
        terminals.iter().for_each(Terminal::follow);
    }

    /// Opens a login shell on a new terminal of the machine.
    pub fn open(&self, tty: &str, cols: u16, rows: u16) {
        self.post(&Array::of4(&"open".into(), &tty.into(), &cols.into(), &rows.into()));
    }

    /// Hangs a terminal up.
    pub fn close(&self, tty: &str) {
        self.post(&Array::of2(&"close".into(), &tty.into()));
    }

    /// Types bytes.
    pub fn keys(&self, tty: &str, bytes: &Uint8Array) {
        self.post(&Array::of3(&"keys".into(), &tty.into(), bytes));
    }

    /// Tells the machine a terminal's size.
    pub fn resize(&self, tty: &str, cols: u16, rows: u16) {
        self.post(&Array::of4(&"resize".into(), &tty.into(), &cols.into(), &rows.into()));
    }

    /// Reads a file of the host.
    pub fn read(&self, path: &str, answer: Callback<Answer>) {
        self.ask("read", &[path.into()], answer);
    }

    /// Lists a folder of the host.
    pub fn list(&self, path: &str, answer: Callback<Answer>) {
        self.ask("list", &[path.into()], answer);
    }

    /// Writes a file of the host.
    pub fn write(&self, path: &str, data: &[u8], answer: Callback<Answer>) {
        self.ask("write", &[path.into(), Uint8Array::from(data).into()], answer);
    }

    /// The session as a link's text.
    pub fn link(&self, answer: Callback<Answer>) {
        self.ask("link", &[], answer);
    }

    fn receive(&self, message: &Array) {
        let text = |index| message.get(index).as_string().unwrap_or_default();
        let number = |index| message.get(index).as_f64().unwrap_or_default();
        let report = match text(0).as_str() {
            "output" => {
                self.show(&text(1), Waiting::Bytes(message.get(2).unchecked_into()));
                return self.note_output();
            }
            "answer" => {
                let answer = self.0.answers.borrow_mut().remove(&(number(1) as u32));
                let value = if message.get(2).is_truthy() { Ok(message.get(3)) } else { Err(text(3)) };
                return answer.map_or((), |answer| answer.emit(value));
            }
            "resized" => return self.show(&text(1), Waiting::Size(number(2) as u16, number(3) as u16)),
            "opened" => {
                self.show(&text(1), Waiting::Size(number(2) as u16, number(3) as u16));
                Report::Opened(text(1))
            }
            "closed" => Report::Closed(text(1)),
            "replaying" => Report::Replaying(message.get(1).is_truthy()),
            "replay" => Report::Replay(number(1) as u32, number(2) as u32, number(3)),
            "replayed" => Report::Replayed,
            "link-refused" => Report::LinkRefused(text(1)),
            "clock" => Report::Clock(number(1)),
            "refused" => Report::Refused(text(1)),
            "waiting" => Report::Waiting(message.get(1).is_truthy()),
            "failed" => Report::Failed(message.get(1).is_truthy(), text(2)),
            _ => return,
        };
        self.report(report);
    }

    fn report(&self, report: Report) {
        let listener = self.0.report.borrow().clone();
        listener.emit(report);
    }

    fn show(&self, tty: &str, item: Waiting) {
        let Some(terminal) = self.terminal(tty) else {
            match item {
                Waiting::Bytes(bytes) if self.0.unshown.borrow().get(tty) == Some(&None) => self.shown(bytes.length()),
                item => self.0.waiting.borrow_mut().entry(tty.to_owned()).or_default().push(item),
            }
            return;
        };
        match item {
            Waiting::Size(cols, rows) => terminal.dictate(cols, rows),
            Waiting::Bytes(bytes) => self.write_to(&terminal, tty.to_owned(), &bytes),
        }
    }

    fn write_to(&self, terminal: &Terminal, tty: String, bytes: &Uint8Array) {
        let size = bytes.length();
        *self.0.unshown.borrow_mut().entry(tty.clone()).or_default().get_or_insert_default() += size;
        let engine = self.clone();
        let done = Closure::once_into_js(move || {
            if let Some(Some(left)) = engine.0.unshown.borrow_mut().get_mut(&tty) {
                *left = left.saturating_sub(size);
                engine.shown(size);
            }
        });
        terminal.write(bytes, &done);
    }

    /// One timer for any amount of output.
    fn note_output(&self) {
        const QUIET_MS: u32 = 600;
        let mut quiet = self.0.quiet.borrow_mut();
        if quiet.is_none() {
            let engine = self.clone();
            *quiet = Some(Timeout::new(QUIET_MS, move || {
                let timer = engine.0.quiet.borrow_mut().take();
                drop(timer);
                engine.report(Report::Quiet);
            }));
        }
    }
}
