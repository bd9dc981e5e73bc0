//! `drydock play`: steps in, answers out, one JSON object a line.

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::host::BootOptions;
use crate::world::World;

/// How long a step may take, in virtual milliseconds, where it does not say.
const MAX_MS: u64 = 30_000;
/// Terminals that do not say otherwise.
const SIZE: [u16; 2] = [80, 24];

/// One step. The fields present say which kind it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The terminal; it opens on first use.
    pub tty: Option<String>,
    /// Text to type, Enter follows.
    pub line: Option<String>,
    /// Keys to send as they are.
    pub keys: Option<String>,
    /// The most virtual milliseconds to wait for the prompt.
    pub max_ms: Option<u64>,
    /// Columns and rows of the terminal, on its first use.
    pub size: Option<[u16; 2]>,
    /// Only lets time pass, in milliseconds.
    pub wait_ms: Option<u64>,
    /// A file of the host to write.
    pub write: Option<String>,
    /// Its content.
    pub data: Option<String>,
    /// A file of the host to return.
    pub read: Option<String>,
}

/// The answer to a step.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Answer {
    /// What the terminal showed since the last step on it.
    pub output: String,
    /// The shell's `$?` where the shell has the terminal.
    pub status: Option<u8>,
    /// Virtual time, milliseconds.
    pub at_ms: u64,
    /// Whether the program in front waits for input.
    pub prompt: bool,
    /// What was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// A world that is played.
pub struct Play {
    world: World,
}

impl Play {
    /// A fresh world.
    pub fn new(options: &BootOptions) -> Play {
        Play { world: World::boot(options) }
    }

    /// The world.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Does the step that `line` holds; gives the answer as JSON, or an object with `error`.
    pub fn line(&mut self, line: &str) -> String {
        let answer = serde_json::from_str(line).map_err(|e| e.to_string()).and_then(|step: Step| self.step(&step));
        let json = match answer {
            Ok(answer) => serde_json::to_string(&answer),
            Err(error) => serde_json::to_string(&serde_json::json!({ "error": error })),
        };
        json.unwrap_or_else(|e| format!("{{\"error\":\"{e}\"}}"))
    }

    /// Does a step.
    pub fn step(&mut self, step: &Step) -> Result<Answer, String> {
        let kinds = [step.tty.is_some(), step.wait_ms.is_some(), step.write.is_some(), step.read.is_some()];
        if kinds.iter().filter(|k| **k).count() != 1 {
            return Err("a step has one of \"tty\", \"wait_ms\", \"write\" and \"read\"".into());
        }
        let mut answer = Answer::default();
        if let Some(tty) = &step.tty {
            answer = self.type_on(tty, step)?;
        } else if let Some(ms) = step.wait_ms {
            let until = self.world.now_ns().saturating_add(ms.saturating_mul(1_000_000));
            while self.world.advance(until, u32::MAX).now_ns < until {}
        } else if let Some(path) = &step.write {
            let data = step.data.clone().unwrap_or_default().into_bytes();
            self.world.input(Event::WriteFile { path: path.clone(), data })?;
        } else if let Some(path) = &step.read {
            answer.data = Some(String::from_utf8_lossy(&self.world.read_file(path)?).into_owned());
        }
        answer.at_ms = self.world.now_ns() / 1_000_000;
        Ok(answer)
    }

    fn type_on(&mut self, tty: &str, step: &Step) -> Result<Answer, String> {
        let bytes = match (&step.line, &step.keys) {
            (Some(line), None) => format!("{line}\r"),
            (None, Some(keys)) => keys.clone(),
            _ => return Err("a step on a terminal has one of \"line\" and \"keys\"".into()),
        };
        if self.world.has_tty(tty) {
            if let Some([cols, rows]) = step.size {
                self.world.input(Event::Resize { tty: tty.into(), cols, rows })?;
            }
        } else {
            let [cols, rows] = step.size.unwrap_or(SIZE);
            self.world.input(Event::OpenTty { tty: tty.into(), cols, rows })?;
            self.until_prompt(tty, MAX_MS)?;
        }
        if !bytes.is_empty() {
            self.world.input(Event::Keys { tty: tty.into(), bytes: bytes.into_bytes() })?;
        }
        let prompt = self.until_prompt(tty, step.max_ms.unwrap_or(MAX_MS))?;
        let output = self.world.take_tty_output(tty)?;
        Ok(Answer {
            output: String::from_utf8_lossy(&output).into_owned(),
            status: if prompt { self.world.shell_status(tty) } else { None },
            prompt,
            ..Answer::default()
        })
    }

    fn until_prompt(&mut self, tty: &str, max_ms: u64) -> Result<bool, String> {
        let until = self.world.now_ns().saturating_add(max_ms.saturating_mul(1_000_000));
        self.world.run_until_prompt(tty, until, u64::MAX)
    }
}
