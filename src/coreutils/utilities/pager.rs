//! `less` and `more`: a text page by page.

use std::collections::VecDeque;

use machine::process::Disposition;
use machine::{ExitCode, Fd, Signal};

use crate::context::Context;
use crate::regex::{Regex, Syntax};

/// Longest text.
const MOST: usize = 16 << 20;

struct Pager {
    lines: Vec<String>,
    top: usize,
    rows: usize,
    columns: usize,
    name: String,
    search: Option<Regex>,
    /// Keys that came and were not used yet.
    typed: VecDeque<u8>,
    message: Option<String>,
}

/// `less`, and `more` as its plainer sister.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut operands = Vec::new();
    for arg in cx.args.clone() {
        match &*arg {
            "--version" | "-V" => {
                cx.line("less 590 (GNU regular expressions)").await;
                return ExitCode::SUCCESS;
            }
            option if option.starts_with('-') && option.len() > 1 => {}
            _ => operands.push(arg),
        }
    }
    if operands.is_empty() && cx.sys.isatty(Fd::STDIN) {
        let text = if cx.name == "more" {
            "more: bad usage\nTry 'more --help' for more information.\n"
        } else {
            "Missing filename (\"less --help\" for help)\n"
        };
        cx.complain(text).await;
        return ExitCode::FAILURE;
    }
    let mut data = Vec::new();
    if operands.is_empty() {
        data = cx.sys.read_to_end(Fd::STDIN, MOST).await.unwrap_or_default();
    }
    for path in &operands {
        match cx.read_all(path).await {
            Ok(bytes) => data.extend(bytes),
            Err(error) => {
                let text = if error == machine::Errno::EISDIR {
                    format!("{path} is a directory\n")
                } else {
                    format!("{path}: {error}\n")
                };
                cx.complain(&text).await;
                return ExitCode::FAILURE;
            }
        }
    }
    let keyboard = cx.sys.open("/dev/tty", machine::fs::OpenFlags::READ.cloexec(), 0).await;
    let (true, Ok(keyboard)) = (cx.sys.isatty(Fd::STDOUT), keyboard) else {
        cx.put(&data).await;
        return cx.status();
    };
    let text = machine::text::from_bytes(&data);
    let mut pager = Pager {
        lines: text.lines().map(|l| l.replace('\t', "        ")).collect(),
        top: 0,
        rows: 24,
        columns: 80,
        name: operands.first().cloned().unwrap_or_default(),
        search: None,
        typed: VecDeque::new(),
        message: None,
    };
    pager.measure(cx);
    // Ctrl-C must not leave the terminal as the pager set it.
    for signal in [Signal::INT, Signal::WINCH] {
        let _ = cx.sys.sigaction(signal, Disposition::Catch);
    }
    if cx.name == "more" {
        pager.page_on(cx, keyboard).await;
    } else {
        pager.browse(cx, keyboard).await;
    }
    cx.status()
}

impl Pager {
    fn measure(&mut self, cx: &Context) {
        if let Ok(size) = cx.sys.winsize(Fd::STDOUT) {
            (self.rows, self.columns) = (usize::from(size.rows).max(2), usize::from(size.columns).max(2));
        }
    }

    /// Lines that fit above the prompt.
    fn page(&self) -> usize {
        self.rows - 1
    }

    fn last_top(&self) -> usize {
        self.lines.len().saturating_sub(self.page())
    }

    /// The next key, with the rest of its escape sequence. `None`: the terminal is gone.
    async fn next_key(&mut self, cx: &Context, keyboard: Fd) -> Option<Vec<u8>> {
        while self.typed.is_empty() {
            match cx.sys.read_vec(keyboard, 64).await {
                Ok(bytes) if bytes.is_empty() => return None,
                Ok(bytes) => self.typed.extend(bytes),
                Err(machine::Errno::EINTR) => {
                    let interrupted = std::iter::from_fn(|| cx.sys.take_signal()).any(|s| s == Signal::INT);
                    return Some(if interrupted { vec![3] } else { Vec::new() });
                }
                Err(_) => return None,
            }
        }
        let first = self.typed.pop_front()?;
        let mut key = vec![first];
        if first == 0x1b && matches!(self.typed.front(), Some(b'[' | b'O')) {
            while let Some(byte) = self.typed.pop_front() {
                key.push(byte);
                if key.len() > 2 && (byte.is_ascii_alphabetic() || byte == b'~') {
                    break;
                }
            }
        }
        Some(key)
    }

    /// `more`: the text goes by, and stops when the screen is full.
    async fn page_on(&mut self, cx: &mut Context, keyboard: Fd) {
        let Ok(cooked) = cx.sys.tcgetattr(keyboard) else { return };
        let mut raw = cooked;
        (raw.icanon, raw.echo) = (false, false);
        let mut room = self.page();
        while self.top < self.lines.len() {
            let line = self.lines[self.top].clone();
            cx.line(&line).await;
            self.top += 1;
            room -= 1;
            if room > 0 || self.top >= self.lines.len() {
                continue;
            }
            let _ = cx.sys.tcsetattr(keyboard, &raw, false);
            cx.put(format!("\x1b[7m--More--({}%)\x1b[27m", self.top * 100 / self.lines.len()).as_bytes()).await;
            cx.flush().await;
            let key = self.next_key(cx, keyboard).await;
            let _ = cx.sys.tcsetattr(keyboard, &cooked, false);
            cx.put(b"\r\x1b[K").await;
            room = match key.as_deref() {
                None | Some(b"q" | b"Q" | b"\x03") => break,
                Some(b"\r" | b"\n") => 1,
                Some(b"d" | b"\x04") => self.page() / 2,
                _ => self.page(),
            }
            .max(1);
        }
        cx.flush().await;
    }

    /// `less`: back and forth, on a screen of its own.
    async fn browse(&mut self, cx: &mut Context, keyboard: Fd) {
        let Ok(cooked) = cx.sys.tcgetattr(keyboard) else { return };
        let mut raw = cooked;
        (raw.icanon, raw.echo) = (false, false);
        let _ = cx.sys.tcsetattr(keyboard, &raw, false);
        cx.put(b"\x1b[?1049h\x1b[?1h\x1b=").await;
        loop {
            self.draw(cx).await;
            let Some(key) = self.next_key(cx, keyboard).await else { break };
            self.measure(cx);
            if !self.key(cx, keyboard, &key).await {
                break;
            }
        }
        cx.put(b"\r\x1b[K\x1b[?1l\x1b>\x1b[?1049l").await;
        cx.flush().await;
        let _ = cx.sys.tcsetattr(keyboard, &cooked, false);
    }

    async fn draw(&mut self, cx: &mut Context) {
        let mut screen = String::from("\x1b[H");
        for at in self.top..self.top + self.page() {
            match self.lines.get(at) {
                Some(line) => screen.extend(line.chars().take(self.columns)),
                None => screen.push('~'),
            }
            screen.push_str("\x1b[K\r\n");
        }
        let end = self.top >= self.last_top();
        let prompt = match self.message.take() {
            Some(message) => format!("\x1b[7m{message}  (press RETURN)\x1b[27m"),
            None if end => "\x1b[7m(END)\x1b[27m".into(),
            None if self.top == 0 && !self.name.is_empty() => format!("\x1b[7m{}\x1b[27m", self.name),
            None => ":".into(),
        };
        screen.push_str(&format!("{prompt}\x1b[K"));
        cx.put(&machine::text::to_bytes(&screen)).await;
        cx.flush().await;
    }

    /// Does what a key says; whether to go on.
    async fn key(&mut self, cx: &mut Context, keyboard: Fd, keys: &[u8]) -> bool {
        let page = self.page();
        let down = |top: usize, by: usize, last: usize| (top + by).min(last.max(top));
        let last = self.last_top();
        match keys {
            b"q" | b"Q" => return false,
            b" " | b"f" | b"\x06" | b"\x1b[6~" => self.top = down(self.top, page, last),
            b"b" | b"\x02" | b"\x1b[5~" => self.top = self.top.saturating_sub(page),
            b"d" | b"\x04" => self.top = down(self.top, page / 2, last),
            b"u" | b"\x15" => self.top = self.top.saturating_sub(page / 2),
            b"j" | b"e" | b"\n" | b"\r" | b"\x1b[B" | b"\x1bOB" => self.top = down(self.top, 1, last),
            b"k" | b"y" | b"\x1b[A" | b"\x1bOA" => self.top = self.top.saturating_sub(1),
            b"g" | b"<" | b"\x1b[H" | b"\x1bOH" => self.top = 0,
            b"G" | b">" | b"\x1b[F" | b"\x1bOF" => self.top = last,
            b"/" => {
                let text = self.ask(cx, keyboard).await;
                if !text.is_empty() {
                    match Regex::new(&text, Syntax { extended: true, ..Syntax::default() }) {
                        Ok(regex) => self.search = Some(regex),
                        Err(error) => self.message = Some(error.to_string()),
                    }
                }
                self.find(self.top + 1);
            }
            b"n" => self.find(self.top + 1),
            _ => {}
        }
        true
    }

    /// Goes to the next line that matches.
    fn find(&mut self, from: usize) {
        let Some(regex) = &self.search else { return };
        match (from..self.lines.len()).find(|at| regex.is_match(&self.lines[*at])) {
            Some(at) => self.top = at,
            None => self.message = Some("Pattern not found".into()),
        }
    }

    /// Reads a pattern in the prompt's line.
    async fn ask(&mut self, cx: &mut Context, keyboard: Fd) -> String {
        let mut text = String::new();
        loop {
            cx.put(format!("\r/{text}\x1b[K").as_bytes()).await;
            cx.flush().await;
            let Some(key) = self.next_key(cx, keyboard).await else { return String::new() };
            if key.len() > 1 {
                continue;
            }
            for c in machine::text::from_bytes(&key).chars() {
                match c {
                    '\r' | '\n' => return machine::text::from_bytes(&machine::text::to_bytes(&text)),
                    '\u{1b}' | '\u{3}' => return String::new(),
                    '\u{7f}' | '\u{8}' => drop(text.pop()),
                    c => text.push(c),
                }
            }
        }
    }
}
