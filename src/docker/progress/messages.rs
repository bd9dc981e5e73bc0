//! The display of a stream of progress messages: bars that move on a terminal, lines elsewhere.

use docker_api::types::{JsonMessage, Progress};
use docker_api::units::human_size;

/// Cells of a full bar.
const BAR: usize = 50;
/// A terminal must be wider than this for bars.
const WIDE: usize = 110;

/// Renders messages one after the other.
pub struct Messages {
    terminal: Option<usize>,
    ids: Vec<String>,
}

impl Messages {
    /// For a terminal of so many columns, or for something else.
    pub fn new(terminal: Option<usize>) -> Messages {
        Messages { terminal, ids: Vec::new() }
    }

    /// What a message shows; the error is the message's own.
    pub fn show(&mut self, message: &JsonMessage) -> Result<String, String> {
        let mut out = String::new();
        let mut up = 0;
        if let (false, Some(_)) = (message.id.is_empty(), &message.progress) {
            let line = match self.ids.iter().position(|id| *id == message.id) {
                Some(line) => line,
                None => {
                    self.ids.push(message.id.clone());
                    if self.terminal.is_some() {
                        out.push('\n');
                    }
                    self.ids.len() - 1
                }
            };
            up = self.ids.len() - line;
            if self.terminal.is_some() {
                out.push_str(&format!("\x1b[{up}A"));
            }
        } else {
            self.ids.clear();
        }
        self.body(message, &mut out)?;
        if up > 0 && self.terminal.is_some() {
            out.push_str(&format!("\x1b[{up}B"));
        }
        Ok(out)
    }

    fn body(&self, message: &JsonMessage, out: &mut String) -> Result<(), String> {
        if let Some(error) = &message.error_detail {
            return Err(error.message.clone());
        }
        if !message.error.is_empty() {
            return Err(message.error.clone());
        }
        let bar = message.progress.as_ref().map(|p| bar(p, self.terminal.unwrap_or(200)));
        let moving = self.terminal.is_some() && message.stream.is_empty() && bar.is_some();
        if moving {
            out.push_str("\x1b[2K\r");
        } else if bar.as_ref().is_some_and(|b| !b.is_empty()) {
            return Ok(());
        }
        if !message.id.is_empty() {
            out.push_str(&message.id);
            out.push_str(": ");
        }
        match bar {
            Some(bar) if self.terminal.is_some() => {
                out.push_str(&format!("{} {bar}", message.status));
                if moving {
                    out.push('\r');
                }
            }
            _ if !message.stream.is_empty() => out.push_str(&message.stream),
            _ => {
                out.push_str(&message.status);
                out.push('\n');
            }
        }
        Ok(())
    }
}

fn bar(progress: &Progress, width: usize) -> String {
    let (current, total) = (progress.current, progress.total);
    if current <= 0 && total <= 0 {
        return String::new();
    }
    if total <= 0 {
        return match progress.units.as_str() {
            "" => format!("{:>8}", human_size(current as f64)),
            units => format!("{current} {units}"),
        };
    }
    let mut out = String::new();
    let filled = ((current as f64 / total as f64 * 100.0) as usize / 2).min(BAR);
    if width > WIDE {
        out = format!("[{}>{}] ", "=".repeat(filled), " ".repeat(BAR - filled));
    }
    match progress.units.as_str() {
        _ if progress.hidecounts => {}
        "" if current > total => out.push_str(&format!("{:>8}", human_size(current as f64))),
        "" => out.push_str(&format!("{:>8}/{}", human_size(current as f64), human_size(total as f64))),
        units if current > total => out.push_str(&format!("{current} {units}")),
        units => out.push_str(&format!("{current}/{total} {units}")),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(id: &str, status: &str, current: i64, total: i64) -> JsonMessage {
        JsonMessage::layer(id, status, Progress { current, total, ..Progress::default() })
    }

    #[test]
    fn a_pull_moves_as_it_was_recorded() {
        let mut messages = Messages::new(Some(120));
        let mut start = JsonMessage::status("Pulling from library/alpine");
        start.id = "latest".into();
        let shown: String = [
            start,
            layer("52c8a3c1ddc4", "Pulling fs layer", 0, 0),
            layer("52c8a3c1ddc4", "Downloading", 16_380, 1_326_000),
            layer("aa", "Waiting", 0, 0),
            layer("52c8a3c1ddc4", "Pull complete", 0, 0),
            JsonMessage::status("Status: Downloaded newer image for alpine:latest"),
        ]
        .iter()
        .map(|m| messages.show(m).unwrap())
        .collect();
        assert_eq!(
            shown,
            "latest: Pulling from library/alpine\n\n\x1b[1A\x1b[2K\r52c8a3c1ddc4: Pulling fs layer \r\x1b[1B\
             \x1b[1A\x1b[2K\r52c8a3c1ddc4: Downloading [>                                                  ]  16.38kB/1.326MB\r\x1b[1B\
             \n\x1b[1A\x1b[2K\raa: Waiting \r\x1b[1B\x1b[2A\x1b[2K\r52c8a3c1ddc4: Pull complete \r\x1b[2B\
             Status: Downloaded newer image for alpine:latest\n"
        );
    }

    #[test]
    fn elsewhere_only_lines_appear() {
        let mut messages = Messages::new(None);
        assert_eq!(messages.show(&layer("a", "Pulling fs layer", 0, 0)).unwrap(), "a: Pulling fs layer\n");
        assert_eq!(messages.show(&layer("a", "Downloading", 5, 10)).unwrap(), "");
        assert_eq!(messages.show(&JsonMessage::error(1, "no")), Err("no".into()));
    }

    #[test]
    fn narrow_terminals_have_no_bars() {
        assert_eq!(bar(&Progress { current: 1154, total: 1154, ..Progress::default() }, 80), " 1.154kB/1.154kB");
    }
}
