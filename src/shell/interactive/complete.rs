//! Tab: what the word at the cursor could become.

use machine::fs::OpenFlags;
use machine::process::{WaitFor, WaitOptions};
use machine::{ExitCode, Fd};

use super::editor::Editor;
use crate::shell::{Eval, Shell};

/// Possibilities beyond which readline asks before it lists them (`completion-query-items`).
const ASK_FROM: usize = 100;

/// Bytes that a completing program may print.
const MAX_ANSWER: usize = 1 << 20;

/// The word that is completed and what stands before it.
struct Context {
    /// Words of the simple command up to the cursor, quotes removed; the last is the one to complete.
    words: Vec<String>,
    /// Where the word begins in the line, in characters.
    start: usize,
    /// The quote that is open at the cursor.
    quote: Option<char>,
}

/// What was found.
#[derive(Default)]
struct Found {
    candidates: Vec<String>,
    /// They are file names: directories get a slash, special characters are quoted.
    files: bool,
    /// Nothing goes behind a single one.
    no_space: bool,
}

impl Shell {
    /// Completes the word at the editor's cursor; `again` lists the possibilities.
    pub(super) async fn complete(&mut self, editor: &mut Editor<'_>, again: bool) -> Eval<()> {
        let before = editor.before_cursor();
        let context = context(&before);
        let mut found = self.candidates(&context).await;
        found.candidates.sort();
        found.candidates.dedup();
        let word = context.words.last().cloned().unwrap_or_default();
        let Some(common) = common_prefix(&found.candidates) else {
            editor.ring();
            return Ok(());
        };
        if found.candidates.len() == 1 {
            let end = self.ending(&common, &found, &context);
            let text = quoted(&common, &found, &context) + &end;
            editor.replace_word(context.start, &text);
            return Ok(());
        }
        if common.chars().count() > word.chars().count() {
            editor.ring();
            let text = quoted(&common, &found, &context);
            editor.replace_word(context.start, &text);
            return Ok(());
        }
        if again {
            return self.list_candidates(editor, &found).await;
        }
        editor.ring();
        Ok(())
    }

    /// What goes behind a word that is complete.
    fn ending(&self, word: &str, found: &Found, context: &Context) -> String {
        let directory = found.files && self.is_directory(&self.real_dir(word));
        if directory {
            return if word.ends_with('/') { String::new() } else { "/".into() };
        }
        let close = context.quote.map(String::from).unwrap_or_default();
        if found.no_space { close } else { close + " " }
    }

    async fn candidates(&mut self, context: &Context) -> Found {
        let Some((word, before)) = context.words.split_last() else { return Found::default() };
        if let Some(name) = word.strip_prefix('$').filter(|_| context.quote != Some('\'')) {
            let (lead, name) = match name.strip_prefix('{') {
                Some(name) => ("${", name),
                None => ("$", name),
            };
            let close = if lead == "${" { "}" } else { "" };
            let names = self.complete_kind('v', name).into_iter().map(|name| format!("{lead}{name}{close}"));
            let names: Vec<String> = names.collect();
            if !names.is_empty() || !name.contains('/') {
                return Found { candidates: names, files: false, no_space: false };
            }
        }
        if word.starts_with('~') && !word.contains('/') && context.quote.is_none() {
            let users = self.complete_kind('u', word.get(1..).unwrap_or(""));
            let candidates = users.into_iter().map(|user| format!("~{user}/")).collect();
            return Found { candidates, files: false, no_space: true };
        }
        let Some(command) = before.first().cloned() else {
            let candidates = self.command_names(word);
            let files = word.contains('/');
            let candidates = if files { self.with_directories(candidates, word) } else { candidates };
            return Found { candidates, files, no_space: false };
        };
        if let Some(spec) = self.completions.get(&command).cloned() {
            let found = self.specified(&spec, context).await;
            if !found.candidates.is_empty() || !spec.options.iter().any(|o| o == "default" || o == "bashdefault") {
                return found;
            }
        } else if command == "docker"
            && let Some(found) = self.docker_candidates(&context.words).await
        {
            return found;
        }
        let mut candidates = self.path_names(word);
        if matches!(command.as_str(), "cd" | "pushd" | "rmdir") {
            candidates.retain(|path| self.is_directory(&self.real_dir(path)));
        }
        Found { candidates, files: true, no_space: false }
    }

    /// Directories lead on to executables below them.
    fn with_directories(&self, mut candidates: Vec<String>, word: &str) -> Vec<String> {
        candidates.extend(self.path_names(word).into_iter().filter(|path| self.is_directory(&self.real_dir(path))));
        candidates
    }

    /// By what `complete` said about the command.
    async fn specified(&mut self, spec: &super::CompletionSpec, context: &Context) -> Found {
        let word = context.words.last().cloned().unwrap_or_default();
        let mut found = Found {
            files: spec.actions.contains(['f', 'd']) || spec.options.iter().any(|option| option == "filenames"),
            no_space: spec.options.iter().any(|option| option == "nospace"),
            ..Found::default()
        };
        for letter in spec.actions.chars() {
            found.candidates.extend(self.complete_kind(letter, &word));
        }
        if let Some(words) = &spec.words {
            let expanded = self.expand_prompt_text(words).await;
            let fits = expanded.split_whitespace().filter(|candidate| candidate.starts_with(&word));
            found.candidates.extend(fits.map(str::to_string));
        }
        if let Some(name) = &spec.function
            && let Some(defined) = self.functions.get(name).cloned()
        {
            found.candidates.extend(self.ask_function(defined, context, &word).await);
        }
        found
    }

    async fn ask_function(&mut self, defined: crate::shell::Defined, context: &Context, word: &str) -> Vec<String> {
        let items = context.words.iter().enumerate().map(|(i, text)| (i as i64, text.clone())).collect();
        self.vars.raw_entry("COMP_WORDS").value = crate::vars::Value::Indexed(items);
        self.vars.put("COMP_CWORD", (context.words.len() - 1).to_string());
        let line = context.words.join(" ");
        self.vars.put("COMP_POINT", line.len().to_string());
        self.vars.put("COMP_LINE", line);
        self.vars.raw_entry("COMPREPLY").value = crate::vars::Value::Unset;
        let command = context.words.first().cloned().unwrap_or_default();
        let previous =
            context.words.len().checked_sub(2).and_then(|i| context.words.get(i)).cloned().unwrap_or_default();
        let status = self.status;
        let arguments = vec![defined.function.name.clone(), command, word.to_string(), previous];
        // A completion function that fails completes nothing.
        let _ = self.call_function(defined, arguments).await;
        self.status = status;
        self.vars.get("COMPREPLY").map(crate::vars::Var::values).unwrap_or_default()
    }

    /// Asks `docker __complete`, the protocol of its command-line library: candidates with descriptions, then
    /// a line `:n` whose bits say how to go on.
    async fn docker_candidates(&mut self, words: &[String]) -> Option<Found> {
        let path = self.find_program("docker")?;
        let mut arguments = vec!["docker".to_string(), "__complete".to_string()];
        arguments.extend(words.iter().skip(1).cloned());
        let output = self.capture(path, arguments).await?;
        let mut found = Found::default();
        let mut directive = 0;
        for line in output.lines() {
            if let Some(number) = line.strip_prefix(':') {
                directive = number.parse::<u32>().unwrap_or(0);
                continue;
            }
            let name = line.split('\t').next().unwrap_or("");
            if !name.is_empty() && !line.starts_with("Completion ended") {
                found.candidates.push(name.to_string());
            }
        }
        let word = words.last().cloned().unwrap_or_default();
        found.candidates.retain(|candidate| candidate.starts_with(&word));
        found.no_space = directive & 2 != 0;
        let files_too = directive & 4 == 0;
        if found.candidates.is_empty() && files_too && directive & 1 == 0 {
            return None;
        }
        Some(found)
    }

    /// What a program prints, run quietly.
    async fn capture(&mut self, path: String, arguments: Vec<String>) -> Option<String> {
        let (read, write) = self.sys.pipe(true).ok()?;
        let env = self.vars.environment();
        let child = self.sys.fork(move |sys| async move {
            if let Ok(null) = sys.open("/dev/null", OpenFlags::READ_WRITE, 0).await {
                let _ = sys.dup2(null, Fd::STDIN);
                let _ = sys.dup2(null, Fd::STDERR);
            }
            let _ = sys.dup2(write, Fd::STDOUT);
            let _ = sys.execve(&path, arguments, env).await;
            ExitCode(127)
        });
        let _ = self.sys.close(write);
        let output = match child {
            Ok(child) => {
                let bytes = self.sys.read_to_end(read, MAX_ANSWER).await.unwrap_or_default();
                let _ = self.sys.waitpid(WaitFor::Process(child), WaitOptions::default()).await;
                Some(machine::text::from_bytes(&bytes))
            }
            Err(_) => None,
        };
        let _ = self.sys.close(read);
        output
    }

    /// Lists the possibilities below the line.
    async fn list_candidates(&mut self, editor: &mut Editor<'_>, found: &Found) -> Eval<()> {
        editor.redraw();
        editor.leave();
        let count = found.candidates.len();
        if count > ASK_FROM {
            editor.out.push_str(&format!("Display all {count} possibilities? (y or n)"));
            self.show(editor).await;
            loop {
                match self.answer(editor).await? {
                    b'y' | b'Y' | b' ' => break,
                    b'n' | b'N' | 0x7f | 0x03 | 0x07 => {
                        editor.out.push('\n');
                        editor.draw_again();
                        return Ok(());
                    }
                    _ => editor.ring(),
                }
                self.show(editor).await;
            }
            editor.out.push('\n');
        }
        let shown: Vec<String> = found.candidates.iter().map(|name| self.listed(name, found)).collect();
        let text = columns(&shown, self.columns());
        editor.out.push_str(&text);
        editor.draw_again();
        Ok(())
    }

    /// A possibility as it is listed: of a path its last part, directories with a slash.
    fn listed(&self, name: &str, found: &Found) -> String {
        if !found.files {
            return name.to_string();
        }
        let base = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
        let slash = if self.is_directory(&self.real_dir(name)) { "/" } else { "" };
        format!("{base}{slash}")
    }
}

/// Lays names out in columns, down first, as readline does.
fn columns(names: &[String], width: usize) -> String {
    use unicode_width::UnicodeWidthStr;
    let longest = names.iter().map(|name| name.width()).max().unwrap_or(0) + 2;
    let mut across = width / longest;
    if across != 1 && across * longest == width {
        across -= 1;
    }
    let across = across.max(1);
    let down = names.len().div_ceil(across);
    let mut out = String::new();
    for row in 0..down {
        for column in 0..across {
            let Some(name) = names.get(row + column * down) else { break };
            out.push_str(name);
            if column + 1 < across {
                out.push_str(&" ".repeat(longest - name.width()));
            }
        }
        out.push('\n');
    }
    out
}

/// What all have in common at their beginning; none if there are none.
fn common_prefix(candidates: &[String]) -> Option<String> {
    let first = candidates.first()?;
    let mut length = first.chars().count();
    for other in candidates {
        length = first.chars().zip(other.chars()).take(length).take_while(|(a, b)| a == b).count();
    }
    Some(first.chars().take(length).collect())
}

/// A completed word as it is put into the line.
fn quoted(word: &str, found: &Found, context: &Context) -> String {
    if let Some(quote) = context.quote {
        return format!("{quote}{word}");
    }
    if !found.files {
        return word.to_string();
    }
    let mut out = String::new();
    for (i, c) in word.chars().enumerate() {
        if " \t\n\\\"'<>;|&()#$`?*[!{}".contains(c) && !(c == '#' && i > 0) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Takes the command before the cursor apart.
fn context(before: &str) -> Context {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut start = 0;
    let mut quote = None;
    let mut chars = before.chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        if let Some(open) = quote {
            match c {
                c if c == open => quote = None,
                '\\' if open == '"' => word.get_or_insert_default().extend(chars.next().map(|(_, c)| c)),
                c => word.get_or_insert_default().push(c),
            }
            continue;
        }
        if word.is_none() {
            start = at;
        }
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            ';' | '|' | '&' | '(' | '`' => {
                word = None;
                words.clear();
            }
            '<' | '>' => {
                words.extend(word.take());
                // What follows is a file, whatever the command.
                words.push(String::from(c));
            }
            '=' if words.is_empty() => {
                // An assignment: its value is completed as a file.
                words.push(word.take().unwrap_or_default());
            }
            '\'' | '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            '\\' => word.get_or_insert_default().extend(chars.next().map(|(_, c)| c)),
            c => word.get_or_insert_default().push(c),
        }
    }
    let end = before.chars().count();
    if word.is_none() {
        start = end;
    }
    let fresh_assignment = words.len() > 1 && words.first().is_some_and(|first| first.is_empty());
    if fresh_assignment {
        words.remove(0);
    }
    words.push(word.unwrap_or_default());
    // `sudo docker …` and `time docker …` complete what follows.
    while words.len() > 1
        && words.first().is_some_and(|first| {
            matches!(first.as_str(), "sudo" | "time" | "exec" | "nohup" | "!" | "do" | "then" | "else")
        })
    {
        words.remove(0);
    }
    Context { words, start, quote }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_the_cursor_is_found() {
        let words = |text: &str| context(text).words.join("|");
        assert_eq!(words("docker ps -"), "docker|ps|-");
        assert_eq!(words("ls; cat a\\ b"), "cat|a b");
        assert_eq!(words("echo \"x y"), "echo|x y");
        assert_eq!(words("docker run "), "docker|run|");
        assert_eq!(words("cat < fi"), "cat|<|fi");
        assert_eq!(words("sudo docker im"), "docker|im");
        assert_eq!(context("cat a\\ b").start, 4);
        assert_eq!(context("ls 'a").quote, Some('\''));
    }

    #[test]
    fn lists_run_down_the_columns() {
        let names: Vec<String> = ["alpha", "beta", "gamma", "delta", "eps"].map(String::from).to_vec();
        assert_eq!(columns(&names, 22), "alpha  gamma  eps\nbeta   delta  \n");
        assert_eq!(columns(&names, 3), "alpha\nbeta\ngamma\ndelta\neps\n");
    }
}
