//! Reading a line from the terminal with the editor: modes, bytes, signals, completion.

use machine::process::Disposition;
use machine::tty::Termios;
use machine::{Errno, Fd, Signal};

use super::editor::{Action, Decoder, Editor};
use super::run::Line;
use crate::shell::{Eval, Shell, Unwind};

const PASTE_ON: &str = "\x1b[?2004h";
const PASTE_OFF: &str = "\x1b[?2004l\r";

/// Drawing a key press costs about this much CPU time, in nanoseconds.
const KEY_COST: u64 = 20_000;

impl Shell {
    /// Reads a line with editing.
    pub(super) async fn read_edited(&mut self, prompt: &str) -> Eval<Line> {
        let Ok(cooked) = self.sys.tcgetattr(Fd::STDIN) else { return Ok(Line::End) };
        let mut raw = cooked;
        prepare(&mut raw);
        if self.sys.tcsetattr(Fd::STDIN, &raw, false).is_err() {
            return Ok(Line::End);
        }
        let window_signal = self.sys.sigaction(Signal::WINCH, Disposition::Catch);
        let history = self.interact.history.clone();
        let killed = std::mem::take(&mut self.interact.killed);
        let mut editor = Editor::new(prompt, self.columns(), history.lines(), killed);
        if self.is_bash() {
            editor.out.insert_str(0, PASTE_ON);
        }
        let result = Box::pin(self.edit_line(&mut editor, prompt)).await;
        self.interact.killed = editor.killed().to_string();
        // The disposition was readable a moment ago; putting it back cannot fail.
        let _ = self.sys.sigaction(Signal::WINCH, window_signal.unwrap_or(Disposition::Default));
        let _ = self.sys.tcsetattr(Fd::STDIN, &cooked, false);
        self.note_window_size();
        result
    }

    /// `LINES` and `COLUMNS`, which readline sets whenever it has read a line.
    fn note_window_size(&mut self) {
        let Ok(size) = self.sys.winsize(Fd::STDIN) else { return };
        if self.is_bash() && size.rows > 0 && size.columns > 0 {
            for (name, value) in [("LINES", size.rows), ("COLUMNS", size.columns)] {
                // Where the learner made it read-only, it stays.
                let _ = self.vars.set(name, value.to_string());
            }
        }
    }

    async fn edit_line(&mut self, editor: &mut Editor<'_>, _prompt: &str) -> Eval<Line> {
        let mut decoder = Decoder::default();
        loop {
            let more = decoder.is_partial() || self.sys.ready(Fd::STDIN).is_ok_and(|ready| ready.readable);
            if !more {
                editor.redraw();
            }
            self.show(editor).await;
            let byte = match self.editor_byte(editor).await? {
                Input::Byte(byte) => byte,
                Input::Interrupted => return self.interrupted(editor).await,
                Input::End => {
                    editor.leave();
                    self.show(editor).await;
                    return Ok(Line::End);
                }
            };
            self.sys.tick(KEY_COST).await;
            let Some(key) = decoder.feed(byte) else { continue };
            match editor.key(key) {
                Action::None => {}
                Action::Accept => {
                    editor.redraw();
                    editor.leave();
                    if self.is_bash() {
                        editor.out.push_str(PASTE_OFF);
                    }
                    self.show(editor).await;
                    return Ok(Line::Text(editor.text()));
                }
                Action::End => {
                    if self.is_bash() {
                        editor.out.push_str(PASTE_OFF);
                        editor.out.push('\n');
                    }
                    self.show(editor).await;
                    return Ok(Line::End);
                }
                Action::Interrupt => return self.interrupted(editor).await,
                Action::Complete(again) => {
                    editor.redraw();
                    self.complete(editor, again).await?;
                }
            }
        }
    }

    /// Ctrl-C: readline leaves and comes back, then the shell begins a new line.
    async fn interrupted(&mut self, editor: &mut Editor<'_>) -> Eval<Line> {
        editor.redraw();
        let text = if self.is_bash() { format!("^C{PASTE_OFF}{PASTE_ON}{PASTE_OFF}\n") } else { "^C\n".to_string() };
        editor.out.push_str(&text);
        self.show(editor).await;
        Ok(Line::Interrupted)
    }

    /// Writes what the editor wants shown.
    pub(super) async fn show(&mut self, editor: &mut Editor<'_>) {
        if !editor.out.is_empty() {
            let text = std::mem::take(&mut editor.out);
            self.error_text(&text).await;
        }
    }

    /// The next byte typed; window changes and signals are dealt with meanwhile.
    async fn editor_byte(&mut self, editor: &mut Editor<'_>) -> Eval<Input> {
        loop {
            let mut buffer = [0; 1];
            match self.sys.read(Fd::STDIN, &mut buffer).await {
                Ok(0) => return Ok(Input::End),
                Ok(_) => return Ok(Input::Byte(buffer[0])),
                Err(Errno::EINTR) => {
                    while let Some(signal) = self.sys.take_signal() {
                        if signal == Signal::WINCH {
                            editor.resize(self.columns());
                            self.show(editor).await;
                            continue;
                        }
                        if let Some(command) = self.traps.handlers.get(&signal.name()).cloned() {
                            self.run_trap(&command).await?;
                        } else if signal == Signal::INT {
                            return Ok(Input::Interrupted);
                        } else if signal == Signal::HUP {
                            return Err(Unwind::Exit(129));
                        }
                    }
                }
                Err(_) => return Ok(Input::End),
            }
        }
    }

    /// One byte that is typed as the answer to a question.
    pub(super) async fn answer(&mut self, editor: &mut Editor<'_>) -> Eval<u8> {
        match self.editor_byte(editor).await? {
            Input::Byte(byte) => Ok(byte),
            _ => Ok(0x7f),
        }
    }

    /// The terminal's width.
    pub(super) fn columns(&self) -> usize {
        let size = self.sys.winsize(Fd::STDIN).map_or(80, |size| usize::from(size.columns));
        if size == 0 { 80 } else { size }
    }
}

enum Input {
    Byte(u8),
    Interrupted,
    End,
}

/// The terminal's mode while a line is edited. Ctrl-C and its kin come as bytes.
fn prepare(termios: &mut Termios) {
    termios.icanon = false;
    termios.echo = false;
    termios.isig = false;
    termios.icrnl = false;
    termios.inlcr = false;
    termios.iexten = false;
    termios.ixon = false;
    termios.vmin = 1;
    termios.vtime = 0;
}
