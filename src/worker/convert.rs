//! Between the world's log and what a link carries. The link codec knows no world, so that old links stay readable
//! whatever becomes of the world's own types.

use playground::{Event, LogEntry};
use share::{Action, Entry};

/// The log as a link carries it.
pub fn to_link(log: &[LogEntry]) -> Vec<Entry> {
    log.iter().map(|entry| Entry { at_ns: entry.at_ns, action: action(&entry.event) }).collect()
}

fn action(event: &Event) -> Action {
    match event {
        Event::OpenTty { tty, cols, rows } => Action::Open { tty: tty.clone(), cols: *cols, rows: *rows },
        Event::CloseTty { tty } => Action::Close { tty: tty.clone() },
        Event::Keys { tty, bytes } => Action::Keys { tty: tty.clone(), bytes: bytes.clone() },
        Event::Resize { tty, cols, rows } => Action::Resize { tty: tty.clone(), cols: *cols, rows: *rows },
        Event::WriteFile { path, data } => Action::Write { path: path.clone(), data: data.clone() },
    }
}

/// What a link's action is to the world.
pub fn event(action: Action) -> Event {
    match action {
        Action::Open { tty, cols, rows } => Event::OpenTty { tty, cols, rows },
        Action::Close { tty } => Event::CloseTty { tty },
        Action::Keys { tty, bytes } => Event::Keys { tty, bytes },
        Action::Resize { tty, cols, rows } => Event::Resize { tty, cols, rows },
        Action::Write { path, data } => Event::WriteFile { path, data },
    }
}
