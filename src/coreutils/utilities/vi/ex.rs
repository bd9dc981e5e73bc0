//! The command line: `:` and what stands behind it.

use machine::Fd;

use super::{Key, Vi};
use crate::children;
use crate::context::Context;

impl Vi {
    /// A line typed behind a sign on the last row; `None` if it was given up.
    pub async fn line_of_text(&mut self, cx: &mut Context, sign: char) -> Option<String> {
        let mut text = String::new();
        loop {
            if self.typed.is_empty() && self.again.is_empty() {
                self.message = format!("{sign}{text}");
                self.draw_line(cx).await;
            }
            match self.key(cx).await? {
                Key::Enter => break,
                Key::Escape | Key::Control('C') => {
                    self.message.clear();
                    return None;
                }
                Key::Backspace if text.is_empty() => {
                    self.message.clear();
                    return None;
                }
                Key::Backspace => drop(text.pop()),
                Key::Control('U') => text.clear(),
                Key::Char(c) => text.push(c),
                _ => {}
            }
        }
        self.message.clear();
        Some(text)
    }

    /// `:`
    pub async fn command_line(&mut self, cx: &mut Context) {
        if let Some(text) = self.line_of_text(cx, ':').await {
            self.execute(cx, text.trim()).await;
        }
    }

    /// Runs a command without its colon.
    pub async fn execute(&mut self, cx: &mut Context, text: &str) {
        let (range, rest) = self.range(text);
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (name, tail) = rest.split_at(end);
        let (bang, tail) = match tail.strip_prefix('!') {
            Some(tail) => (true, tail),
            None => (false, tail),
        };
        let word = tail.trim();
        match name {
            "" if bang => self.shell(cx, word).await,
            "" => {
                if let Some((_, to)) = range {
                    self.at.row = to;
                    self.at.col = 0;
                }
            }
            "q" | "quit" if self.buffer.is_modified() && !bang => {
                self.message = if self.busybox {
                    "No write since last change (:q! overrides)".into()
                } else {
                    "E37: No write since last change (add ! to override)".into()
                };
            }
            "q" | "quit" | "qa" => self.ended = Some(0),
            "w" | "write" => {
                self.write(cx, word);
            }
            "wq" | "wqa" => {
                if self.write(cx, word) {
                    self.ended = Some(0);
                }
            }
            "x" | "xit" | "exit" => {
                if !self.buffer.is_modified() || self.write(cx, word) {
                    self.ended = Some(0);
                }
            }
            "e" | "edit" | "r" | "read" => self.read_in(cx, name, bang, word),
            "d" | "delete" => {
                let (from, to) = range.unwrap_or((self.at.row, self.at.row));
                self.buffer.checkpoint(self.at);
                self.register = (self.buffer.remove_lines(from, to + 1), true);
                self.at.row = from;
            }
            "s" | "substitute" => self.substitute(range.unwrap_or((self.at.row, self.at.row)), tail),
            "set" | "se" => match word {
                "nu" | "number" => self.screen.set_numbers(true),
                "nonu" | "nonumber" => self.screen.set_numbers(false),
                _ => {}
            },
            "noh" | "nohlsearch" | "syntax" => {}
            _ => {
                self.message = if self.busybox {
                    format!("{name} is not implemented")
                } else {
                    format!("E492: Not an editor command: {text}")
                };
            }
        }
    }

    /// `:e` and `:r`.
    fn read_in(&mut self, cx: &Context, name: &str, bang: bool, word: &str) {
        match name {
            "e" | "edit" if self.buffer.is_modified() && !bang => {
                self.message = "E37: No write since last change (add ! to override)".into();
            }
            "e" | "edit" => {
                let path = if word.is_empty() { self.path.clone() } else { Some(word.to_string()) };
                if let Some(path) = path {
                    self.open(cx, &path);
                }
            }
            "r" | "read" => match cx.sys.read_file(word) {
                Ok(data) => {
                    self.buffer.checkpoint(self.at);
                    let text = machine::text::from_bytes(&data);
                    let lines = text.lines().map(|l| l.chars().collect()).collect();
                    self.buffer.insert_lines(self.at.row + 1, lines);
                    self.at.row += 1;
                }
                Err(error) => self.message = format!("\"{word}\" {error}"),
            },
            _ => {}
        }
    }

    /// The lines that a command is for, and the rest of its text.
    fn range<'a>(&self, text: &'a str) -> (Option<(usize, usize)>, &'a str) {
        let last = self.buffer.len() - 1;
        if let Some(rest) = text.strip_prefix('%') {
            return (Some((0, last)), rest);
        }
        let line = |text: &str| match text {
            "." => Some(self.at.row),
            "$" => Some(last),
            digits => digits.parse::<usize>().ok().map(|n| n.max(1).min(last + 1) - 1),
        };
        let end = text.find(|c: char| !(c.is_ascii_digit() || ".,$".contains(c))).unwrap_or(text.len());
        let (head, rest) = text.split_at(end);
        let range = match head.split_once(',') {
            Some((from, to)) => line(from).zip(line(to)).map(|(a, b)| (a.min(b), a.max(b))),
            None => line(head).map(|row| (row, row)),
        };
        (range, rest)
    }

    /// Writes the file; whether that went well.
    fn write(&mut self, cx: &Context, word: &str) -> bool {
        let path = if word.is_empty() { self.path.clone() } else { Some(word.to_string()) };
        let Some(path) = path else {
            self.message = if self.busybox { "No current filename".into() } else { "E32: No file name".into() };
            return false;
        };
        let data = machine::text::to_bytes(&self.buffer.text());
        let (lines, bytes, new) = (self.buffer.line_count(), data.len(), cx.sys.stat(&path).is_err());
        match cx.sys.put_file(&path, data.into(), 0o666) {
            Ok(()) => {
                self.message = match (self.busybox, new) {
                    (true, _) => format!("'{path}' {lines}L, {bytes}C"),
                    (false, true) => format!("\"{path}\" [New] {lines}L, {bytes}B written"),
                    (false, false) => format!("\"{path}\" {lines}L, {bytes}B written"),
                };
                self.buffer.set_saved();
                self.path.get_or_insert(path);
                true
            }
            Err(error) => {
                self.message = if self.busybox {
                    format!("'{path}' {error}")
                } else {
                    format!("\"{path}\" E212: Can't open file for writing: {error}")
                };
                false
            }
        }
    }

    /// `:s/pattern/replacement/g`
    fn substitute(&mut self, (from, to): (usize, usize), tail: &str) {
        let Some(sign) = tail.chars().next() else { return };
        let mut parts = tail[sign.len_utf8()..].split(sign);
        let (pattern, replacement) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let all = parts.next().is_some_and(|flags| flags.contains('g'));
        let Some(regex) = self.pattern(pattern) else { return };
        let (mut count, mut changed) = (0, Vec::new());
        for row in from..=to.min(self.buffer.len() - 1) {
            let line: String = self.buffer.line(row).iter().collect();
            let (mut out, mut at, mut hits) = (String::new(), 0, 0);
            while let Some((start, end)) = regex.find_at(&line, at).and_then(|c| c.first().copied().flatten()) {
                out.push_str(line.get(at..start).unwrap_or(""));
                out.push_str(&replacement.replace('&', line.get(start..end).unwrap_or("")));
                hits += 1;
                at = end;
                if start == end {
                    let Some(c) = line.get(end..).and_then(|l| l.chars().next()) else { break };
                    out.push(c);
                    at += c.len_utf8();
                }
                if !all {
                    break;
                }
            }
            out.push_str(line.get(at..).unwrap_or(""));
            if hits > 0 {
                count += hits;
                changed.push((row, out));
            }
        }
        let Some((last, _)) = changed.last() else {
            self.message =
                if self.busybox { "Pattern not found".into() } else { format!("E486: Pattern not found: {pattern}") };
            return;
        };
        self.buffer.checkpoint(self.at);
        (self.at.row, self.at.col) = (*last, 0);
        let lines = changed.len();
        for (row, text) in changed {
            self.buffer.set_line(row, text.chars().collect());
        }
        if count > 2 {
            self.message = format!("{count} substitutions on {lines} lines");
        }
    }

    /// `:!command`
    async fn shell(&mut self, cx: &mut Context, command: &str) {
        cx.put(format!("\x1b[{};1H\r\n", self.screen.rows).as_bytes()).await;
        cx.flush().await;
        let raw = cx.sys.tcgetattr(Fd::STDIN);
        if let Some(cooked) = &self.cooked {
            let _ = cx.sys.tcsetattr(Fd::STDIN, cooked, false);
        }
        let words = ["/bin/sh".to_string(), "-c".to_string(), command.to_string()];
        let _ = children::run(cx, &words, None).await;
        if let Ok(raw) = raw {
            let _ = cx.sys.tcsetattr(Fd::STDIN, &raw, false);
        }
        cx.put(b"\r\nPress ENTER or type command to continue").await;
        cx.flush().await;
        let _ = self.key(cx).await;
        self.screen.forget();
    }
}
