//! Running a sed script over its input.

use std::collections::BTreeMap;

use machine::fs::{OpenFlags, SetAttr};
use machine::{ExitCode, Fd};

use super::command::{Action, Address, Command, End, Substitute};
use super::input::Input;
use super::text::{fill, unambiguous};
use crate::context::Context;
use crate::options::Parsed;
use crate::regex::Regex;

/// Rounds of one line through the script (`t` and `b` may loop for ever: then the program is killed like any).
const ROUND_COST: u64 = 400;
/// Bytes that the pattern and hold space may have together.
const LONGEST: usize = 64 << 20;

/// Where each range of addresses is.
#[derive(Clone, Copy, Default)]
enum Range {
    #[default]
    Off,
    /// On until the end address is met.
    On,
    /// On up to this line.
    Until(usize),
    /// It ended and can't begin again (`0,/re/` and numbers).
    Over,
}

struct Editor<'a> {
    commands: &'a [Command],
    quiet: bool,
    separator: u8,
    ranges: Vec<Range>,
    pattern: String,
    hold: String,
    line: usize,
    last: bool,
    newline: bool,
    last_regex: Option<&'a Regex>,
    substituted: bool,
    /// What goes out behind the line: text, or a file's content.
    appended: Vec<(bool, String)>,
    files: BTreeMap<String, Fd>,
    /// Where the output goes with `-i`.
    out: Option<Vec<u8>>,
    quit: Option<u8>,
}

enum Flow {
    Next,
    Jump(usize),
    /// Starts the next cycle, with or without printing.
    End(bool),
    /// `D`: again without reading.
    Again,
}

/// Runs the script over all input.
pub async fn run(cx: &mut Context, commands: &[Command], parsed: &Parsed) -> ExitCode {
    let in_place = parsed.has('i');
    let separator = if parsed.has('z') { 0 } else { b'\n' };
    let files = if parsed.operands.is_empty() { vec!["-".to_string()] } else { parsed.operands.clone() };
    let mut editor = Editor {
        commands,
        quiet: parsed.has('n'),
        separator,
        ranges: vec![Range::Off; commands.len()],
        pattern: String::new(),
        hold: String::new(),
        line: 0,
        last: false,
        newline: true,
        last_regex: None,
        substituted: false,
        appended: Vec::new(),
        files: BTreeMap::new(),
        out: None,
        quit: None,
    };
    let separate = in_place || parsed.has('s');
    let mut failed = false;
    let groups: Vec<Vec<String>> = if separate { files.into_iter().map(|f| vec![f]).collect() } else { vec![files] };
    for group in groups {
        let path = group[0].clone();
        let mut input =
            Input { files: group, next_file: 0, lines: None, ahead: None, separate, separator, failed: false };
        if in_place {
            match cx.sys.stat(&path) {
                Ok(attr) if attr.is_file() => editor.out = Some(Vec::new()),
                Ok(_) => {
                    cx.error(format_args!("couldn't edit {path}: not a regular file")).await;
                    failed = true;
                    continue;
                }
                Err(_) => {}
            }
            editor.line = 0;
        }
        editor.all_lines(cx, &mut input).await;
        failed |= input.failed;
        if let Some(out) = editor.out.take() {
            failed |= replace(cx, &path, &out, parsed.value('i').unwrap_or("")).await;
        }
        if let Some(status) = editor.quit {
            cx.flush().await;
            return ExitCode(status);
        }
    }
    cx.flush().await;
    if failed { ExitCode(if in_place { 4 } else { 2 }) } else { ExitCode::SUCCESS }
}

/// Puts an edited file in the old one's place, with its mode and owner; whether that failed.
async fn replace(cx: &mut Context, path: &str, data: &[u8], suffix: &str) -> bool {
    let result = async {
        let attr = cx.sys.stat(path)?;
        if !suffix.is_empty() {
            let backup = if suffix.contains('*') { suffix.replace('*', path) } else { format!("{path}{suffix}") };
            cx.sys.rename(path, &backup)?;
        }
        let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let new = format!("{folder}/sed{:06x}", cx.sys.random_u64() & 0xff_ffff);
        cx.sys.put_file(&new, data.to_vec().into(), attr.mode)?;
        let owner = SetAttr { mode: Some(attr.mode), uid: Some(attr.uid), gid: Some(attr.gid), ..SetAttr::default() };
        cx.sys.set_attr(&new, &owner)?;
        cx.sys.rename(&new, path)
    }
    .await;
    if let Err(error) = result {
        cx.error(format_args!("couldn't open temporary file {path}: {error}")).await;
        return true;
    }
    false
}

impl<'a> Editor<'a> {
    async fn all_lines(&mut self, cx: &mut Context, input: &mut Input) {
        let mut again = false;
        while self.quit.is_none() {
            if !again {
                let Some((line, last)) = input.take(cx).await else { return };
                self.load(&line, last);
            }
            again = self.cycle(cx, input).await;
        }
    }

    fn load(&mut self, line: &[u8], last: bool) {
        let bare = line.strip_suffix(&[self.separator]).unwrap_or(line);
        self.newline = bare.len() < line.len();
        self.pattern = machine::text::from_bytes(bare);
        self.line += 1;
        self.last = last;
    }

    /// The script once; whether the next cycle begins without reading a line.
    async fn cycle(&mut self, cx: &mut Context, input: &mut Input) -> bool {
        let (mut at, mut print, mut again) = (0, true, false);
        self.substituted = false;
        while let Some(command) = self.commands.get(at) {
            cx.sys.tick(ROUND_COST).await;
            let selected = self.selects(at) != command.negated;
            if !selected {
                at = match command.action {
                    Action::Block(end) => end,
                    _ => at + 1,
                };
                continue;
            }
            match self.execute(cx, input, &command.action, at).await {
                Flow::Next => at += 1,
                Flow::Jump(to) => at = to,
                Flow::End(shown) => {
                    print = shown;
                    break;
                }
                Flow::Again => {
                    (print, again) = (false, true);
                    break;
                }
            }
        }
        if print && !self.quiet {
            self.show(cx).await;
        }
        self.append(cx).await;
        again
    }

    async fn put(&mut self, cx: &mut Context, bytes: &[u8]) {
        match &mut self.out {
            Some(out) => out.extend_from_slice(bytes),
            None => cx.put(bytes).await,
        }
    }

    async fn show(&mut self, cx: &mut Context) {
        let text = self.pattern.clone();
        self.show_text(cx, &text, self.newline || !self.last).await;
    }

    async fn show_text(&mut self, cx: &mut Context, text: &str, newline: bool) {
        let mut bytes = machine::text::to_bytes(text);
        if newline {
            bytes.push(self.separator);
        }
        self.put(cx, &bytes).await;
    }

    async fn append(&mut self, cx: &mut Context) {
        for (file, text) in std::mem::take(&mut self.appended) {
            // A last line without newline gets one where something follows.
            if !self.newline && self.last {
                self.put(cx, b"\n").await;
                self.newline = true;
            }
            let data = if file { cx.read_all(&text).await.unwrap_or_default() } else { machine::text::to_bytes(&text) };
            self.put(cx, &data).await;
        }
    }

    fn matches(&mut self, regex: &'a Option<Regex>) -> bool {
        let regex = regex.as_ref().or(self.last_regex);
        self.last_regex = regex;
        regex.is_some_and(|r| r.is_match(&self.pattern))
    }

    fn at_address(&mut self, address: &'a Address) -> bool {
        match address {
            Address::Line(line) => self.line == *line,
            Address::Step(first, 0) => self.line == *first,
            Address::Step(first, step) => self.line >= *first && (self.line - first).is_multiple_of(*step),
            Address::Last => self.last,
            Address::Pattern(regex) => self.matches(regex),
        }
    }

    /// Whether the current line is one of a command's.
    fn selects(&mut self, at: usize) -> bool {
        let commands = self.commands;
        let command = &commands[at];
        let Some(from) = &command.from else { return true };
        let Some(to) = &command.to else { return self.at_address(from) };
        match self.ranges[at] {
            Range::Over => return false,
            Range::Until(line) => {
                if self.line >= line {
                    self.ranges[at] = Range::Off;
                }
                return self.line <= line;
            }
            Range::On => {
                self.close_range(at, to);
                return true;
            }
            Range::Off => {}
        }
        if command.from_zero && self.line == 1 {
            self.ranges[at] = Range::On;
            self.close_range(at, to);
            if matches!(self.ranges[at], Range::Off) {
                self.ranges[at] = Range::Over;
            }
            return true;
        }
        if command.from_zero || !self.at_address(from) {
            return false;
        }
        self.ranges[at] = match to {
            End::Address(Address::Line(line)) if *line <= self.line => Range::Off,
            End::Address(Address::Line(line)) => Range::Until(*line),
            End::More(0) => Range::Off,
            End::More(number) => Range::Until(self.line + number),
            End::Multiple(number) if *number == 0 || self.line.is_multiple_of(*number) => Range::Off,
            End::Multiple(number) => Range::Until(self.line.div_ceil(*number) * number),
            End::Address(Address::Last) if self.last => Range::Off,
            End::Address(_) => Range::On,
        };
        true
    }

    fn close_range(&mut self, at: usize, to: &'a End) {
        if let End::Address(address) = to
            && self.at_address(address)
        {
            self.ranges[at] = Range::Off;
        }
    }

    async fn execute(&mut self, cx: &mut Context, input: &mut Input, action: &'a Action, at: usize) -> Flow {
        match action {
            Action::Block(_) | Action::EndBlock => {}
            Action::Substitute(substitute) => self.substitute(cx, substitute).await,
            Action::Translate(map) => {
                self.pattern = self.pattern.chars().map(|c| map.get(&c).copied().unwrap_or(c)).collect();
            }
            Action::Text('a', text) => self.appended.push((false, text.clone())),
            Action::Text('i', text) => {
                let bytes = machine::text::to_bytes(text);
                self.put(cx, &bytes).await;
            }
            Action::Text(_, text) => {
                // In a range the text comes once, at its end.
                let ended = !matches!(self.ranges[at], Range::On | Range::Until(_)) || self.commands[at].negated;
                if self.commands[at].to.is_none() || ended || self.last {
                    let bytes = machine::text::to_bytes(text);
                    self.put(cx, &bytes).await;
                }
                return Flow::End(false);
            }
            Action::Branch(letter, to) => {
                let taken = match letter {
                    'b' => true,
                    't' => std::mem::take(&mut self.substituted),
                    _ => !std::mem::take(&mut self.substituted),
                };
                if taken {
                    return to.map_or(Flow::End(true), Flow::Jump);
                }
            }
            Action::File('r' | 'R', name) => self.appended.push((true, name.clone())),
            Action::File(letter, name) => {
                let first = self.pattern.split('\n').next().unwrap_or("");
                let text = if *letter == 'W' { first.to_string() } else { self.pattern.clone() };
                self.write_file(cx, name, &text).await;
            }
            Action::Quit(letter, status) => {
                self.quit = Some(*status);
                return Flow::End(*letter == 'q');
            }
            Action::Simple(letter) => {
                let flow = self.simple(cx, input, *letter).await;
                return if self.pattern.len() + self.hold.len() > LONGEST { self.give_up(cx).await } else { flow };
            }
        }
        Flow::Next
    }

    /// Ends where the pattern and hold space grow without end.
    async fn give_up(&mut self, cx: &mut Context) -> Flow {
        cx.error("couldn't re-allocate memory").await;
        self.quit = Some(4);
        Flow::End(false)
    }

    async fn write_file(&mut self, cx: &mut Context, name: &str, text: &str) {
        let mut bytes = machine::text::to_bytes(text);
        bytes.push(b'\n');
        if name == "/dev/stdout" {
            return self.put(cx, &bytes).await;
        }
        let fd = match self.files.get(name) {
            Some(fd) => Ok(*fd),
            None => cx.sys.open(name, OpenFlags::CREATE.cloexec(), 0o666).await,
        };
        match fd {
            Ok(fd) => {
                self.files.insert(name.to_string(), fd);
                let _ = cx.sys.write_all(fd, &bytes).await;
            }
            Err(error) => cx.error(format_args!("couldn't open file {name}: {error}")).await,
        }
    }

    async fn simple(&mut self, cx: &mut Context, input: &mut Input, letter: char) -> Flow {
        match letter {
            'd' => return Flow::End(false),
            'D' => match self.pattern.split_once('\n') {
                Some((_, rest)) => {
                    self.pattern = rest.to_string();
                    return Flow::Again;
                }
                None => return Flow::End(false),
            },
            'p' => self.show(cx).await,
            'P' => {
                let first = self.pattern.split('\n').next().unwrap_or("").to_string();
                self.show_text(cx, &first, true).await;
            }
            'n' | 'N' => return self.next_line(cx, input, letter).await,
            'g' => self.pattern.clone_from(&self.hold),
            'G' => {
                self.pattern.push('\n');
                self.pattern.push_str(&self.hold);
            }
            'h' => self.hold.clone_from(&self.pattern),
            'H' => {
                self.hold.push('\n');
                self.hold.push_str(&self.pattern);
            }
            'x' => std::mem::swap(&mut self.hold, &mut self.pattern),
            '=' => {
                let number = format!("{}\n", self.line);
                self.put(cx, number.as_bytes()).await;
            }
            'z' => self.pattern.clear(),
            'F' => {
                let name = input.files.get(input.next_file.saturating_sub(1)).cloned().unwrap_or_default();
                self.show_text(cx, &name, true).await;
            }
            _ => {
                let shown = unambiguous(&self.pattern);
                self.show_text(cx, &shown, true).await;
            }
        }
        Flow::Next
    }

    async fn next_line(&mut self, cx: &mut Context, input: &mut Input, letter: char) -> Flow {
        if self.last {
            // Without a next line GNU prints what there is and ends.
            return Flow::End(true);
        }
        if letter == 'n' && !self.quiet {
            self.show(cx).await;
        }
        self.append(cx).await;
        let Some((line, last)) = input.take(cx).await else { return Flow::End(true) };
        let mut before = std::mem::take(&mut self.pattern);
        self.load(&line, last);
        if letter == 'N' {
            before.push('\n');
            before.push_str(&self.pattern);
            self.pattern = before;
        }
        Flow::Next
    }

    async fn substitute(&mut self, cx: &mut Context, substitute: &'a Substitute) {
        let Some(regex) = substitute.pattern.as_ref().or(self.last_regex) else { return };
        self.last_regex = Some(regex);
        let (text, mut out) = (std::mem::take(&mut self.pattern), String::new());
        let (mut at, mut copied, mut count, mut changed) = (0, 0, 0, false);
        while at <= text.len() {
            let Some(captures) = regex.find_at(&text, at) else { break };
            let Some((from, to)) = captures[0] else { break };
            // An empty match right behind the one before does not count.
            let counts = to > from || from != copied || count == 0 || !changed;
            if counts {
                count += 1;
            }
            if counts && count >= substitute.number && (substitute.global || count == substitute.number) {
                out.push_str(&text[copied..from]);
                fill(&substitute.pieces, &text, &captures, &mut out);
                copied = to;
                changed = true;
            }
            if changed && !substitute.global {
                break;
            }
            at = if to > from { to } else { to + text[to..].chars().next().map_or(1, char::len_utf8) };
            cx.sys.tick(100).await;
        }
        out.push_str(text.get(copied..).unwrap_or(""));
        self.pattern = out;
        if !changed {
            return;
        }
        self.substituted = true;
        if substitute.print {
            self.show(cx).await;
        }
        if let Some(file) = &substitute.file {
            let text = self.pattern.clone();
            self.write_file(cx, file, &text).await;
        }
    }
}
