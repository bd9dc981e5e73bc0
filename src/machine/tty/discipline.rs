//! The line discipline (`n_tty`): from keys to lines, echo, signals; and output processing.

use std::collections::VecDeque;

use super::Termios;
use crate::errno::{Errno, SysResult};
use crate::process::Signal;

/// The longest line in canonical mode, with its newline (`N_TTY_BUF_SIZE`); keys beyond it are lost.
const LINE_MAX: usize = 4096;
/// Bytes that wait to be read at most.
const INPUT_ROOM: usize = 65536;
const TAB: usize = 8;

/// What a key did besides going into the buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    None,
    /// The foreground group gets this signal.
    Signal(Signal),
}

/// State between two keys.
pub(super) struct Discipline {
    termios: Termios,
    /// The line being edited (canonical mode).
    line: Vec<u8>,
    /// What can be read.
    ready: VecDeque<u8>,
    /// How `ready` is cut into lines in canonical mode; a length of zero is an end of file.
    lines: VecDeque<usize>,
    /// The next key is taken literally.
    literal: bool,
    /// Ctrl-S.
    stopped: bool,
    /// The cursor's column, as far as output tells, and where the line being edited began.
    column: usize,
    line_column: usize,
}

type Put<'a> = &'a mut dyn FnMut(u8);

impl Discipline {
    pub fn new() -> Discipline {
        Discipline {
            termios: Termios::COOKED,
            line: Vec::new(),
            ready: VecDeque::new(),
            lines: VecDeque::new(),
            literal: false,
            stopped: false,
            column: 0,
            line_column: 0,
        }
    }

    pub fn termios(&self) -> &Termios {
        &self.termios
    }

    pub fn set_termios(&mut self, termios: &Termios, flush: bool) {
        if flush {
            self.flush();
        }
        if self.termios.icanon != termios.icanon {
            // What was typed so far can be read at once, either way.
            self.ready.extend(self.line.drain(..));
            self.lines.clear();
            if termios.icanon && !self.ready.is_empty() {
                self.lines.push_back(self.ready.len());
            }
        }
        self.termios = *termios;
        if !termios.ixon {
            self.stopped = false;
        }
    }

    fn flush(&mut self) {
        self.line.clear();
        self.ready.clear();
        self.lines.clear();
        self.literal = false;
    }

    pub fn output_stopped(&self) -> bool {
        self.stopped
    }

    pub fn input_room(&self) -> usize {
        INPUT_ROOM.saturating_sub(self.ready.len() + self.line.len())
    }

    pub fn readable(&self) -> bool {
        if self.termios.icanon { !self.lines.is_empty() } else { !self.ready.is_empty() || self.termios.vmin == 0 }
    }

    pub fn read(&mut self, buf: &mut [u8]) -> SysResult<usize> {
        let available = if self.termios.icanon {
            *self.lines.front().ok_or(Errno::EAGAIN)?
        } else if self.ready.is_empty() && self.termios.vmin > 0 {
            return Err(Errno::EAGAIN);
        } else {
            self.ready.len()
        };
        let n = available.min(buf.len());
        for (to, from) in buf.iter_mut().zip(self.ready.drain(..n)) {
            *to = from;
        }
        if self.termios.icanon {
            match self.lines.front_mut() {
                Some(length) if *length > n => *length -= n,
                _ => drop(self.lines.pop_front()),
            }
        }
        Ok(n)
    }

    /// A byte from the keyboard.
    pub fn receive(&mut self, byte: u8, put: Put) -> Effect {
        let t = self.termios;
        if std::mem::take(&mut self.literal) {
            self.insert(byte, put);
            return Effect::None;
        }
        let is = |key: u8| key != 0 && byte == key;
        if t.ixon && (is(t.vstop) || is(t.vstart)) {
            self.stopped = is(t.vstop);
            return Effect::None;
        }
        if t.isig {
            let signal = match () {
                () if is(t.vintr) => Some(Signal::INT),
                () if is(t.vquit) => Some(Signal::QUIT),
                () if is(t.vsusp) => Some(Signal::TSTP),
                () => None,
            };
            if let Some(signal) = signal {
                if !t.noflsh {
                    self.flush();
                }
                self.stopped = false;
                self.echo(byte, put);
                return Effect::Signal(signal);
            }
        }
        let byte = match byte {
            b'\r' if t.igncr => return Effect::None,
            b'\r' if t.icrnl => b'\n',
            b'\n' if t.inlcr => b'\r',
            byte => byte,
        };
        if t.icanon {
            self.receive_canonical(byte, put);
        } else if self.input_room() > 0 {
            self.echo(byte, put);
            self.ready.push_back(byte);
        }
        Effect::None
    }

    fn receive_canonical(&mut self, byte: u8, put: Put) {
        let t = self.termios;
        let is = |key: u8| key != 0 && byte == key;
        if is(t.verase) {
            self.erase_character(put);
        } else if is(t.vkill) {
            self.erase_while(put, |_| true);
            if t.echo && t.echok && !t.echoe {
                self.send(b'\n', put);
            }
        } else if t.iexten && is(t.vwerase) {
            let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80;
            self.erase_while(put, move |c| !word(c));
            self.erase_while(put, word);
        } else if t.iexten && is(t.vlnext) {
            self.literal = true;
            if t.echo && t.echoctl {
                put(b'^');
                put(8);
            }
        } else if t.iexten && is(t.vreprint) && t.echo {
            self.echo(byte, put);
            self.send(b'\n', put);
            self.line_column = self.column;
            for byte in self.line.clone() {
                self.echo(byte, put);
            }
        } else if byte == b'\n' {
            if t.echo || t.echonl {
                self.send(b'\n', put);
            }
            self.line.push(byte);
            self.finish_line();
        } else if is(t.veof) {
            self.finish_line();
        } else {
            self.insert(byte, put);
        }
    }

    fn insert(&mut self, byte: u8, put: Put) {
        if !self.termios.icanon {
            self.ready.push_back(byte);
            return self.echo(byte, put);
        }
        if self.line.len() + 1 >= LINE_MAX || self.input_room() == 0 {
            return put(7);
        }
        if self.line.is_empty() {
            self.line_column = self.column;
        }
        self.echo(byte, put);
        self.line.push(byte);
    }

    fn finish_line(&mut self) {
        self.lines.push_back(self.line.len());
        self.ready.extend(self.line.drain(..));
    }

    /// Takes the last character off the line and rubs it out on the screen.
    fn erase_character(&mut self, put: Put) {
        let Some(mut byte) = self.line.pop() else { return };
        while self.termios.iutf8 && byte & 0xC0 == 0x80 {
            match self.line.pop() {
                Some(before) => byte = before,
                None => break,
            }
        }
        if self.termios.echo && self.termios.echoe {
            self.rub_out(byte, put);
        }
    }

    /// Takes characters off the line's end as long as their last byte is one of `these`.
    fn erase_while(&mut self, put: Put, these: impl Fn(u8) -> bool) {
        while self.line.last().is_some_and(|byte| these(*byte)) {
            self.erase_character(put);
        }
    }

    fn rub_out(&mut self, byte: u8, put: Put) {
        let width = match byte {
            b'\t' => {
                let before = self.line.iter().fold(self.line_column, |column, &b| self.advance(column, b));
                self.column.saturating_sub(before)
            }
            0..32 | 127 => 2 * usize::from(self.termios.echoctl),
            _ => 1,
        };
        for _ in 0..width {
            if byte == b'\t' {
                put(8);
            } else {
                put(8);
                put(b' ');
                put(8);
            }
        }
        self.column = self.column.saturating_sub(width);
    }

    fn advance(&self, column: usize, byte: u8) -> usize {
        match byte {
            b'\t' => (column / TAB + 1) * TAB,
            0..32 | 127 => column + 2 * usize::from(self.termios.echoctl),
            byte if byte & 0xC0 == 0x80 => column,
            _ => column + 1,
        }
    }

    fn echo(&mut self, byte: u8, put: Put) {
        if !self.termios.echo {
            return;
        }
        match byte {
            b'\n' | b'\t' => self.send(byte, put),
            0..32 | 127 if self.termios.echoctl => {
                put(b'^');
                put(byte ^ 0x40);
                self.column += 2;
            }
            _ => self.send(byte, put),
        }
    }

    /// A byte to the screen, from a program or as echo.
    pub fn send(&mut self, byte: u8, put: Put) {
        match byte {
            b'\n' if self.termios.opost && self.termios.onlcr => {
                put(b'\r');
                self.column = 0;
            }
            b'\r' => self.column = 0,
            8 => self.column = self.column.saturating_sub(1),
            b'\t' => self.column = (self.column / TAB + 1) * TAB,
            byte if byte >= 32 && byte & 0xC0 != 0x80 => self.column += 1,
            _ => {}
        }
        put(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types keys in cooked mode: what is echoed, and what a reader gets.
    fn check(keys: &[u8], echoed: &[u8], read: &[&[u8]]) {
        let (mut d, mut out) = (Discipline::new(), Vec::new());
        for &key in keys {
            d.receive(key, &mut |b| out.push(b));
        }
        assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(echoed));
        for line in read {
            let mut buf = [0; 100];
            let n = d.read(&mut buf).expect("a line is ready");
            assert_eq!(&buf[..n], *line);
        }
        assert_eq!(d.read(&mut [0; 1]), Err(Errno::EAGAIN));
    }

    #[test]
    fn lines_come_whole() {
        check(b"ab", b"ab", &[]);
        check(b"ab\rc\n", b"ab\r\nc\r\n", &[b"ab\n", b"c\n"]);
    }

    #[test]
    fn erase_kill_and_word_erase_rub_out() {
        check(b"ab\x7fc\n", b"ab\x08 \x08c\r\n", &[b"ac\n"]);
        check(b"ab\x15c\n", b"ab\x08 \x08\x08 \x08c\r\n", &[b"c\n"]);
        check(b"x ab\x17c\n", b"x ab\x08 \x08\x08 \x08c\r\n", &[b"x c\n"]);
        check(b"\x7f\n", b"\r\n", &[b"\n"]);
    }

    #[test]
    fn erase_takes_a_whole_character() {
        check("a가\x7f\n".as_bytes(), "a가\x08 \x08\r\n".as_bytes(), &[b"a\n"]);
        check("가나\x7f\n".as_bytes(), "가나\x08 \x08\r\n".as_bytes(), &["가\n".as_bytes()]);
    }

    #[test]
    fn control_characters_show_and_rub_out_as_two() {
        check(b"\x01\x7f\n", b"^A\x08 \x08\x08 \x08\r\n", &[b"\n"]);
    }

    #[test]
    fn end_of_file_is_a_line_without_newline() {
        check(b"ab\x04\x04", b"ab", &[b"ab", b""]);
    }

    #[test]
    fn interrupt_drops_the_line() {
        let mut d = Discipline::new();
        let mut out = Vec::new();
        d.receive(b'x', &mut |b| out.push(b));
        assert_eq!(d.receive(3, &mut |b| out.push(b)), Effect::Signal(Signal::INT));
        assert_eq!(out, b"x^C");
        assert!(!d.readable());
    }

    #[test]
    fn raw_mode_reads_what_was_typed_before() {
        let mut d = Discipline::new();
        for &key in b"ls\nx" {
            d.receive(key, &mut |_| {});
        }
        let mut raw = Termios::COOKED;
        raw.make_raw();
        d.set_termios(&raw, false);
        let mut buf = [0; 10];
        assert_eq!(d.read(&mut buf), Ok(4));
        assert_eq!(&buf[..4], b"ls\nx");
    }
}
