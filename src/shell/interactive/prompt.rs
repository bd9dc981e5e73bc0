//! Prompts: the backslash escapes of PS0 to PS4.

use crate::shell::Shell;
use machine::calendar::strftime;

/// What readline takes for the beginning and the end of text without width (`\[`, `\]`).
pub const INVISIBLE_START: char = '\x01';
/// See [`INVISIBLE_START`].
pub const INVISIBLE_END: char = '\x02';

impl Shell {
    /// A prompt's text with everything expanded; `\[` and `\]` are left as marks.
    pub async fn expand_ps(&mut self, text: &str) -> String {
        if self.flavour == crate::Flavour::Dash {
            return self.expand_prompt_text(text).await;
        }
        let decoded = self.prompt_escapes(text);
        if self.settings.shopt("promptvars") && decoded.contains(['$', '`', '\\']) {
            self.expand_prompt_text(&decoded).await
        } else {
            decoded
        }
    }

    /// What a file descriptor that is no line editor shows of a prompt.
    pub async fn plain_prompt(&mut self, name: &str) -> String {
        let default = if name == "PS1" { "\\s-\\v\\$ " } else { "> " };
        let text = self.vars.text(name).unwrap_or(default).to_string();
        self.expand_ps(&text).await
    }

    fn prompt_escapes(&self, text: &str) -> String {
        let mut out = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '\\' {
                out.push(c);
                continue;
            }
            let Some(c) = chars.next() else {
                out.push('\\');
                break;
            };
            match c {
                'D' if chars.peek() == Some(&'{') => {
                    chars.next();
                    let format: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    let format = if format.is_empty() { "%X" } else { &format };
                    out.push_str(&strftime(format, self.sys.wall_clock().seconds()));
                }
                '0'..='7' => {
                    let mut value = c.to_digit(8).unwrap_or(0);
                    for _ in 0..2 {
                        let Some(digit) = chars.peek().and_then(|c| c.to_digit(8)) else { break };
                        value = value * 8 + digit;
                        chars.next();
                    }
                    out.push(char::from(value as u8));
                }
                c => self.prompt_escape(c, &mut out),
            }
        }
        out
    }

    fn prompt_escape(&self, c: char, out: &mut String) {
        let now = self.sys.wall_clock().seconds();
        let root = self.sys.credentials().euid == 0;
        match c {
            'a' => out.push('\x07'),
            'e' => out.push('\x1b'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            '[' => out.push(INVISIBLE_START),
            ']' => out.push(INVISIBLE_END),
            '\\' => out.push_str("\\\\"),
            '$' => out.push_str(if root { "#" } else { "\\$" }),
            'u' => out.push_str(&self.user_name()),
            'h' => out.push_str(self.sys.hostname().split('.').next().unwrap_or("")),
            'H' => out.push_str(&self.sys.hostname()),
            'w' => out.push_str(&self.trimmed_dir()),
            'W' => out.push_str(&self.last_dir()),
            's' => out.push_str(self.arg0.rsplit('/').next().unwrap_or("")),
            'v' => out.push_str("5.2"),
            'V' => out.push_str("5.2.15"),
            'j' => out.push_str(&self.jobs.list.len().to_string()),
            'l' => {
                let name = self.sys.ttyname(machine::Fd::STDIN).unwrap_or_default();
                out.push_str(name.rsplit('/').next().unwrap_or("tty"));
            }
            '!' => out.push_str(&(self.interact.history.next_number()).to_string()),
            '#' => out.push_str(&(self.interact.commands + 1).to_string()),
            't' => out.push_str(&strftime("%H:%M:%S", now)),
            'T' => out.push_str(&strftime("%I:%M:%S", now)),
            '@' => out.push_str(&strftime("%I:%M %p", now)),
            'A' => out.push_str(&strftime("%H:%M", now)),
            'd' => out.push_str(&strftime("%a %b %d", now)),
            other => {
                out.push('\\');
                out.push(other);
            }
        }
    }

    /// The name of whoever runs the shell.
    pub fn user_name(&self) -> String {
        let uid = self.sys.credentials().euid.to_string();
        let row = self.passwd().into_iter().find(|row| row.split(':').nth(2) == Some(uid.as_str()));
        row.and_then(|row| row.split(':').next().map(str::to_string)).unwrap_or_else(|| "I have no name!".to_string())
    }

    fn trimmed_dir(&self) -> String {
        let dir = self.short_path(&self.cwd);
        let Some(keep) =
            self.vars.text("PROMPT_DIRTRIM").and_then(|text| text.parse::<usize>().ok()).filter(|n| *n > 0)
        else {
            return dir;
        };
        let (lead, rest) = match dir.strip_prefix("~/") {
            Some(rest) => ("~/", rest),
            None => ("", dir.trim_start_matches('/')),
        };
        let pieces: Vec<&str> = rest.split('/').collect();
        if pieces.len() <= keep {
            return dir;
        }
        let tail = pieces.get(pieces.len() - keep..).unwrap_or(&[]).join("/");
        format!("{lead}.../{tail}")
    }

    fn last_dir(&self) -> String {
        let dir = self.short_path(&self.cwd);
        match dir.rsplit('/').next() {
            Some("") | None => "/".to_string(),
            Some(last) => last.to_string(),
        }
    }
}
