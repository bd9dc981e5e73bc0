//! What the page shows, and how each action changes it.

use crate::engine::Report;
use crate::i18n::Language;
use crate::prefs::{self, Theme};
use std::rc::Rc;
use yew::Reducible;

/// More terminals than this do not fit the tab bar.
pub const MAX_TERMINALS: usize = 9;

/// A terminal's tab.
#[derive(Clone, Debug, PartialEq)]
pub struct Tab {
    /// The machine's name for the terminal, which is also the tab's.
    pub tty: String,
    /// True where a replay opened it: the machine knows it already.
    pub replayed: bool,
}

/// What the machine is doing, as far as the page must show it.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Being used.
    Running,
    /// Replaying a link: inputs done, in all, virtual milliseconds; whether this engine build made it.
    Replaying {
        /// Inputs done.
        done: u32,
        /// Inputs in all.
        total: u32,
        /// Virtual milliseconds.
        now_ms: f64,
        /// Whether the link comes from this engine build.
        same_build: bool,
    },
    /// Stopped for good.
    Failed {
        /// Whether for want of a file of the page's.
        missing: bool,
        /// The technical reason.
        reason: String,
    },
}

/// What a narrow window shows of the two panes; a wide one shows the terminals always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The terminals.
    Terminals,
    /// The files.
    Files,
}

/// A dialog that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// The link.
    Share,
    /// Help.
    Help,
}

/// A message in the corner.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// Tells it from the others.
    pub id: u32,
    /// What it says.
    pub text: String,
    /// True for those that stay until dismissed.
    pub error: bool,
}

/// The page's state.
#[derive(Clone, PartialEq)]
pub struct State {
    /// The language.
    pub language: Language,
    /// The appearance.
    pub theme: Theme,
    /// The terminals.
    pub tabs: Vec<Tab>,
    /// The one in front.
    pub active: String,
    next_tty: u32,
    /// What the machine does.
    pub phase: Phase,
    /// Which pane a narrow window shows.
    pub pane: Pane,
    /// Whether a wide window shows the files too.
    pub files_shown: bool,
    /// The dialog that is open.
    pub dialog: Option<Dialog>,
    /// Whether the search bar is open.
    pub searching: bool,
    /// Messages in the corner.
    pub toasts: Vec<Toast>,
    next_toast: u32,
    /// Virtual milliseconds since boot.
    pub clock_ms: f64,
    /// Counts the pauses after output: files may have changed.
    pub quiet: u32,
    /// Whether there is anything to see yet that somebody did.
    pub begun: bool,
    /// Whether anything was typed here: leaving the page would lose it.
    pub touched: bool,
    /// Whether the machine waits for the network.
    pub waiting: bool,
    /// Whether the terminals' text is kept for screen readers.
    pub spoken: bool,
}

/// What can happen to it.
pub enum Action {
    /// The worker said something.
    Report(Report),
    /// Something was typed for the first time.
    Begin,
    /// A terminal is wanted.
    OpenTerminal,
    /// A terminal is not wanted any more.
    CloseTerminal(String),
    /// A terminal comes to the front.
    Activate(String),
    /// The next terminal (or the one before) comes to the front.
    Step(bool),
    /// The appearance was chosen.
    SetTheme(Theme),
    /// The other language was chosen.
    SwitchLanguage,
    /// A pane was chosen, in a narrow window.
    ShowPane(Pane),
    /// The files were shown or hidden, in a wide one.
    ToggleFiles,
    /// A dialog was opened or closed.
    SetDialog(Option<Dialog>),
    /// The search bar was opened or closed.
    SetSearching(bool),
    /// Something is to be said: the text, and whether it stays.
    Say(String, bool),
    /// A message goes.
    Dismiss(u32),
    /// Screen readers are to be served, or not.
    SetSpoken(bool),
}

impl State {
    /// The state at the start; with a link, terminals come from its replay.
    pub fn new(with_link: bool) -> State {
        let mut state = State {
            language: prefs::language(),
            theme: prefs::theme(),
            tabs: Vec::new(),
            active: String::new(),
            next_tty: 1,
            phase: Phase::Running,
            pane: Pane::Terminals,
            files_shown: true,
            dialog: None,
            searching: false,
            toasts: Vec::new(),
            next_toast: 0,
            clock_ms: 0.0,
            quiet: 0,
            begun: with_link,
            touched: false,
            waiting: false,
            spoken: prefs::spoken(),
        };
        if !with_link {
            state.open_terminal();
        }
        state
    }

    fn open_terminal(&mut self) {
        if self.tabs.len() >= MAX_TERMINALS {
            let text = self.language.words().too_many_terminals.to_owned();
            return self.say(text, false);
        }
        let tty = self.next_tty.to_string();
        self.add(Tab { tty, replayed: false });
    }

    fn add(&mut self, tab: Tab) {
        // Names are never used twice: a link must tell the second "2" from the first.
        self.next_tty = self.next_tty.max(tab.tty.parse().unwrap_or(0) + 1);
        self.active.clone_from(&tab.tty);
        self.tabs.push(tab);
    }

    fn close_terminal(&mut self, tty: &str) {
        let Some(position) = self.tabs.iter().position(|tab| tab.tty == tty) else { return };
        self.tabs.remove(position);
        if self.active == tty {
            let neighbour = self.tabs.get(position).or(self.tabs.last());
            self.active = neighbour.map(|tab| tab.tty.clone()).unwrap_or_default();
        }
    }

    fn step(&mut self, forward: bool) {
        let count = self.tabs.len();
        let position = self.tabs.iter().position(|tab| tab.tty == self.active).unwrap_or(0);
        let next = if forward { position + 1 } else { position + count.saturating_sub(1) };
        if let Some(tab) = self.tabs.get(next % count.max(1)) {
            self.active.clone_from(&tab.tty);
        }
    }

    fn say(&mut self, text: String, error: bool) {
        self.toasts.retain(|toast| toast.text != text);
        self.toasts.push(Toast { id: self.next_toast, text, error });
        self.next_toast += 1;
    }

    fn report(&mut self, report: Report) {
        let words = self.language.words();
        match report {
            Report::Replaying(same_build) => {
                self.phase = Phase::Replaying { done: 0, total: 0, now_ms: 0.0, same_build }
            }
            Report::Replay(now_done, in_all, ms) => {
                if let Phase::Replaying { done, total, now_ms, .. } = &mut self.phase {
                    (*done, *total, *now_ms) = (now_done, in_all, ms);
                }
            }
            Report::Replayed => {
                let other_build = matches!(self.phase, Phase::Replaying { same_build: false, .. });
                self.phase = Phase::Running;
                let text = if other_build { words.replay_other_build } else { words.replay_done };
                self.say(text.to_owned(), other_build);
                if self.tabs.is_empty() {
                    self.open_terminal();
                }
            }
            Report::LinkRefused(reason) => {
                let text = match reason.as_str() {
                    "truncated" => words.link_truncated,
                    "too-new" => words.link_too_new,
                    "too-large" => words.link_too_large,
                    _ => words.link_corrupt,
                };
                self.say(text.to_owned(), true);
                self.begun = false;
                self.open_terminal();
            }
            Report::Opened(tty) => {
                if self.tabs.iter().all(|tab| tab.tty != tty) {
                    self.add(Tab { tty, replayed: true });
                }
            }
            Report::Closed(tty) => {
                self.close_terminal(&tty);
                // The last one that ends makes room for a new one. A replay's log says itself what opens next.
                if self.tabs.is_empty() && matches!(self.phase, Phase::Running) {
                    self.open_terminal();
                }
            }
            Report::Clock(ms) => self.clock_ms = ms,
            Report::Quiet => self.quiet += 1,
            Report::Refused(text) => self.say(text, true),
            Report::Waiting(waiting) => self.waiting = waiting,
            Report::Failed(missing, reason) => {
                self.waiting = false;
                self.phase = Phase::Failed { missing, reason };
            }
        }
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            Action::Report(report) => next.report(report),
            Action::Begin => (next.begun, next.touched) = (true, true),
            Action::SetSpoken(spoken) => next.spoken = spoken,
            Action::OpenTerminal => next.open_terminal(),
            Action::CloseTerminal(tty) => {
                next.close_terminal(&tty);
                if next.tabs.is_empty() {
                    next.open_terminal();
                }
            }
            Action::Activate(tty) => next.active = tty,
            Action::Step(forward) => next.step(forward),
            Action::SetTheme(theme) => next.theme = theme,
            Action::SwitchLanguage => next.language = next.language.other(),
            Action::ShowPane(pane) => next.pane = pane,
            Action::ToggleFiles => next.files_shown = !next.files_shown,
            Action::SetDialog(dialog) => next.dialog = dialog,
            Action::SetSearching(searching) => next.searching = searching,
            Action::Say(text, error) => next.say(text, error),
            Action::Dismiss(id) => next.toasts.retain(|toast| toast.id != id),
        }
        next.into()
    }
}
